import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONFIG_VARIABLE } from '../../agents/node/wire.ts'
import type { AgentConfig, WireMessage } from '../../agents/node/wire.ts'
import { packageFile } from '../../package-file.ts'
import type { Milliseconds } from '../../units.ts'
import type { Probe, ProbeContext, TargetProcess } from '../probe.ts'
import { Attacher, type AttachTalk } from './attacher.ts'
import { Fifos } from './fifos.ts'
import { FrameDecoder } from './frames.ts'
import { setNewest } from './newest.ts'
import { ThreadIds } from './thread-ids.ts'
import { Translator } from './translate.ts'

const AGENT = packageFile('dist/agents/node/agent.cjs')
/** The main thread's agent looks for the end of the recording each 200 ms and tells the workers'; one whose thread is blocked can't answer. */
const GOODBYE_MS = 500
const LAST_FRAMES_MS = 20
/** Threads whose goodbye is waited for. */
const PRESENT = 4096
/** What the way into all processes there are may take, and the way out: with the rest it goes on beside the recording, or without holdup. */
const ATTACH_MS = 20_000
const TAKE_OUT_MS = 5000

/** What the Node agent reports, from every thread of every Node process that carries it. */
export class NodeProbe implements Probe {
  readonly id = 'node'
  readonly fidelity = 'exact'
  readonly signals = ['event loop', 'gc', 'heap', 'workers', 'lock wait', 'http', 'cpu stacks']
  readonly #launch: AgentConfig | undefined
  readonly #attacher: Attacher | undefined
  readonly #fifos = new Fifos(() => this.#reader())
  /** One for each FIFO. */
  readonly #decoders: FrameDecoder[] = []
  /** Threads that have spoken and not yet said goodbye: `pid/tid`. */
  readonly #present = new Set<string>()
  readonly #threadIds = new Map<number, ThreadIds>()
  #translator: Translator | null = null
  #follows = false
  #early: string[] = []
  #cpuUs = 0
  #dropped = 0

  /** `attach`: the target runs already; else it gets the agent by its environment. Throws HoldupError `mkfifo-missing` for a launch. */
  constructor(cpuProfileMs: Milliseconds | null, attach: AttachTalk | null = null) {
    if (attach) this.#attacher = new Attacher(this.#fifos, cpuProfileMs, attach)
    else this.#launch = { fifo: this.#fifos.pathFor(null), cpuProfileMs }
  }

  get note(): string | undefined {
    const notes = this.#attacher?.notes ?? []
    return notes.length > 0 ? notes.join('; ') : undefined
  }

  /** Environment for the target so that its Node processes load the agent. */
  environment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const require = `--require ${/[\s"\\]/.test(AGENT) ? JSON.stringify(AGENT) : AGENT}`
    const given = inherited['NODE_OPTIONS']
    return { NODE_OPTIONS: given ? `${given} ${require}` : require, [CONFIG_VARIABLE]: JSON.stringify(this.#launch) }
  }

  start({ sink, now }: ProbeContext): void {
    const epoch = Number(process.hrtime.bigint()) / 1e6 - now()
    this.#translator = new Translator(sink, epoch)
    for (const text of this.#early.splice(0)) this.#receive(text)
  }

  /** Attaches to the Node processes there are; resolves when that is done or takes long. From then on `follow` does with those that come. */
  async attach({ processes }: Pick<ProbeContext, 'processes'>): Promise<void> {
    await Promise.race([this.#attacher?.reach(processes()), sleep(ATTACH_MS, null, { ref: false })])
    this.#follows = true
  }

  /** Attaches to those that are new, at each list of the target's processes. */
  follow(processes: readonly TargetProcess[]): void {
    if (this.#follows) void this.#attacher?.reach(processes)
  }

  /** Asks the agents for what they still hold; while the target lives. */
  async drain(): Promise<void> {
    this.#follows = false
    this.#fifos.askToStop()
    await this.#goodbyes()
    if (!this.#attacher) return
    this.#attacher.stop()
    // Of its workers each main thread has taken care itself.
    const silent = [...this.#present].filter((thread) => isMain(thread) && isThread(thread)).map(pidOf)
    if (silent.length === 0) return
    await Promise.race([this.#attacher.takeOut(silent), sleep(TAKE_OUT_MS, null, { ref: false })])
    await this.#goodbyes()
  }

  async #goodbyes(): Promise<void> {
    const until = performance.now() + GOODBYE_MS
    // A worker that was terminated says no goodbye. Of a launched target the ids may be those of a pid namespace of its own.
    const isThere = this.#attacher ? isThread : isAlive
    while (performance.now() < until && [...this.#present].some(isThere)) await sleep(10)
  }

  async stop(): Promise<void> {
    // Frames that the last thread wrote as it exited may still be in the pipe.
    await sleep(LAST_FRAMES_MS)
    this.close()
  }

  /** Gives the pipe back; twice is no harm. */
  close(): void {
    this.#follows = false
    this.#attacher?.stop()
    this.#fifos.close()
  }

  cost(): { cpuSeconds: number; dropped: number } {
    return {
      cpuSeconds: this.#cpuUs / 1e6,
      dropped: this.#decoders.reduce((sum, { lost }) => sum + lost, this.#dropped + (this.#translator?.invalid ?? 0)),
    }
  }

  #reader(): (chunk: Buffer) => void {
    const decoder = new FrameDecoder((text) => this.#receive(text))
    this.#decoders.push(decoder)
    return (chunk) => {
      const before = process.cpuUsage()
      decoder.push(chunk)
      const { user, system } = process.cpuUsage(before)
      this.#cpuUs += user + system
    }
  }

  #outerTid(pid: number, inner: number): number {
    if (!this.#attacher) return inner
    const ids = this.#threadIds.get(pid) ?? new ThreadIds(pid)
    setNewest(this.#threadIds, pid, ids, PRESENT)
    return ids.outer(inner)
  }

  #receive(text: string): void {
    if (!this.#translator) {
      this.#early.push(text)
      return
    }
    try {
      const { pid, tid: inner, records } = JSON.parse(text) as WireMessage
      const tid = this.#outerTid(pid, inner)
      const thread = `${pid}/${tid}`
      this.#present.delete(thread)
      this.#present.add(thread)
      // One that was terminated says no goodbye.
      const [oldest] = this.#present
      if (this.#present.size > PRESENT && oldest !== undefined) this.#present.delete(oldest)
      for (const record of records) {
        if (record.k === 'bye') this.#present.delete(thread)
        else this.#translator.translate({ pid, tid }, record)
        if (record.k === 'dropped') this.#dropped += record.n
      }
    } catch {
      this.#dropped++
    }
  }
}

function pidOf(thread: string): number {
  return Number(thread.split('/', 1)[0])
}

/** The built agent is there (it is made by `npm run build`). */
export function agentBuilt(): boolean {
  return existsSync(AGENT)
}

function isMain(thread: string): boolean {
  return thread === `${pidOf(thread)}/${pidOf(thread)}`
}

function isThread(thread: string): boolean {
  return existsSync(`/proc/${thread.replace('/', '/task/')}`)
}

/** Its process. */
function isAlive(thread: string): boolean {
  try {
    process.kill(pidOf(thread), 0)
    return true
  } catch {
    return false
  }
}
