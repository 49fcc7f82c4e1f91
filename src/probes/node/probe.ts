import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CONFIG_VARIABLE } from '../../agents/node/wire.ts'
import type { AgentConfig, WireMessage } from '../../agents/node/wire.ts'
import type { Milliseconds } from '../../units.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { Fifo } from './fifo.ts'
import { FrameDecoder } from './frames.ts'
import { Translator } from './translate.ts'

const AGENT = fileURLToPath(new URL('../../../dist/agents/node/agent.cjs', import.meta.url))
/** Agents look for the end of the recording at least every 400 ms; one whose thread is blocked can't answer. */
const GOODBYE_MS = 500
const LAST_FRAMES_MS = 20

/** What the Node agent reports, from every thread of every Node process that carries it. */
export class NodeProbe implements Probe {
  readonly id = 'node'
  readonly fidelity = 'exact'
  readonly signals = ['event loop', 'gc', 'heap', 'workers', 'lock wait', 'http', 'cpu stacks']
  readonly #cpuProfileMs: Milliseconds | null
  readonly #fifo: Fifo
  readonly #decoder = new FrameDecoder((text) => this.#receive(text))
  /** Threads that have spoken and not yet said goodbye: `pid/tid`. */
  readonly #present = new Set<string>()
  #translator: Translator | null = null
  #early: string[] = []
  #cpuUs = 0
  #dropped = 0

  constructor(cpuProfileMs: Milliseconds | null) {
    this.#cpuProfileMs = cpuProfileMs
    this.#fifo = new Fifo((chunk) => this.#read(chunk))
  }

  /** Environment for the target so that its Node processes load the agent. */
  environment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const config: AgentConfig = { fifo: this.#fifo.path, cpuProfileMs: this.#cpuProfileMs }
    const require = `--require ${/[\s"\\]/.test(AGENT) ? JSON.stringify(AGENT) : AGENT}`
    const given = inherited['NODE_OPTIONS']
    return { NODE_OPTIONS: given ? `${given} ${require}` : require, [CONFIG_VARIABLE]: JSON.stringify(config) }
  }

  start({ sink, now }: ProbeContext): void {
    const epoch = Number(process.hrtime.bigint()) / 1e6 - now()
    this.#translator = new Translator(sink, epoch)
    for (const text of this.#early.splice(0)) this.#receive(text)
  }

  /** Asks the agents for what they still hold; while the target lives. */
  async drain(): Promise<void> {
    this.#fifo.askToStop()
    const until = performance.now() + GOODBYE_MS
    while (performance.now() < until && [...this.#present].some(isAlive)) await sleep(10)
  }

  async stop(): Promise<void> {
    // Frames that the last thread wrote as it exited may still be in the pipe.
    await sleep(LAST_FRAMES_MS)
    this.close()
  }

  /** Gives the pipe back; twice is no harm. */
  close(): void {
    this.#fifo.close()
  }

  cost(): { cpuSeconds: number; dropped: number } {
    return {
      cpuSeconds: this.#cpuUs / 1e6,
      dropped: this.#dropped + this.#decoder.lost + (this.#translator?.invalid ?? 0),
    }
  }

  #read(chunk: Buffer): void {
    const before = process.cpuUsage()
    this.#decoder.push(chunk)
    const { user, system } = process.cpuUsage(before)
    this.#cpuUs += user + system
  }

  #receive(text: string): void {
    if (!this.#translator) {
      this.#early.push(text)
      return
    }
    try {
      const { pid, tid, records } = JSON.parse(text) as WireMessage
      this.#present.add(`${pid}/${tid}`)
      for (const record of records) {
        if (record.k === 'bye') this.#present.delete(`${pid}/${tid}`)
        else this.#translator.translate({ pid, tid }, record)
        if (record.k === 'dropped') this.#dropped += record.n
      }
    } catch {
      this.#dropped++
    }
  }
}

/** The built agent is there (it is made by `npm run build`). */
export function agentBuilt(): boolean {
  return existsSync(AGENT)
}

/** Its process, that is: a thread which was terminated says no goodbye. */
function isAlive(thread: string): boolean {
  try {
    process.kill(Number(thread.split('/', 1)[0]), 0)
    return true
  } catch {
    return false
  }
}
