import { setTimeout as sleep } from 'node:timers/promises'
import { identifyRuntime } from '../../targets/identify.ts'
import { processFacts } from '../../targets/process-facts.ts'
import type { Milliseconds, Seconds } from '../../units.ts'
import { ThreadIds } from '../node/thread-ids.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { catchesSigquit } from './attach-socket.ts'
import { readEvents } from './events.ts'
import { Flight } from './flight.ts'
import { Chunk } from './jfr/chunk.ts'
import type { RawChunk } from './jfr/read-chunks.ts'
import { THRESHOLD_MS } from './settings.ts'
import { JvmTranslator } from './translate.ts'

const FOLLOW_EVERY_MS: Milliseconds = 250
const TURN_EVERY_MS: Milliseconds = 10_000
/** One that a script runs for a moment is not worth it; but what it does first is in no recording. */
const SETTLED_AFTER_MS: Milliseconds = 250
const STARTED_AT_MOST = 8
const DUMP_EVERY_MS: Milliseconds = 500
/** All threads stop while their stacks are dumped, for longer the more there is to print: a second of rest for each MB. */
const REST_A_CHARACTER_MS: Milliseconds = 0.001
/**
 * A wait is told of when it ends, and one that had begun before the recorder did is not: of a JVM that ran before and goes on so much more is
 * recorded before the window, when it also stalls for a moment, and after it. In that time most of those waits end.
 */
const MARGIN_MS = { before: 1000, after: 300 }

interface Jvm {
  flight: Flight | null
  translator: JvmTranslator
  /** When it recorded last, once it does no more. */
  until: Milliseconds | null
  /** When its threads may be dumped again. */
  dumpAt: Milliseconds
  /** One thing after the other is asked of it. */
  busy: Promise<void>
}

/**
 * The probe `jvm`: waits for monitors and locks of java.util.concurrent, threads, collection pauses and where Java code runs, as the JVM's own
 * recorder (JFR) tells, asked over the socket that jcmd uses. Exact for waits of 1 ms and more. An event costs the thread that waited a walk of its stack.
 */
export class JvmProbe implements Probe {
  readonly id = 'jvm'
  readonly fidelity = 'exact'
  readonly signals = ['lockWait', 'threads', 'gc', 'cpuStacks']
  readonly #launched: boolean
  readonly #cpuStacks: boolean
  readonly #jvms = new Map<number, Jvm>()
  /** When processes were first seen, with the command that they ran then. */
  readonly #sighted = new Map<number, { command: string; at: Milliseconds; tried: boolean }>()
  readonly #failures = new Map<number, string>()
  #context: ProbeContext | null = null
  #following: NodeJS.Timeout | undefined
  #turning: NodeJS.Timeout | undefined
  #dumping: NodeJS.Timeout | undefined
  #cpuUs = 0
  #lost = 0

  /** `launched`: its processes are new, and may only be about to become another program. `cpuStacks`: where threads run, too. */
  constructor({ launched = false, cpuStacks = true } = {}) {
    this.#launched = launched
    this.#cpuStacks = cpuStacks
  }

  get note(): string | undefined {
    const why = [...this.#failures].map(([pid, reason]) => `of the JVM ${pid} neither locks nor pauses: ${reason}`)
    return why.length > 0 ? why.join('; ') : undefined
  }

  /** Resolves when the JVMs that there are record. */
  async start(context: ProbeContext): Promise<void> {
    this.#context = context
    this.#following = setInterval(() => this.#follow(), FOLLOW_EVERY_MS).unref()
    this.#turning = setInterval(() => this.#turn(), TURN_EVERY_MS).unref()
    this.#dumping = setInterval(() => this.#dump(), DUMP_EVERY_MS).unref()
    this.#follow()
    await this.#all((jvm) => jvm.busy)
    await this.#margin(MARGIN_MS.before)
  }

  /** Has each JVM write what it has, while it is there. */
  async drain(): Promise<void> {
    clearInterval(this.#following)
    clearInterval(this.#turning)
    clearInterval(this.#dumping)
    await this.#all(async (jvm) => {
      await jvm.busy
      const { flight, translator } = jvm
      if (!flight || !this.#context) return
      translator.translateDump(await flight.dumpThreads(), this.#context.now())
      jvm.until ??= this.#context.now()
      await flight.end()
    })
  }

  async stop(): Promise<void> {
    await this.#margin(MARGIN_MS.after)
    await this.drain()
    await this.#all(async (jvm) => {
      await jvm.flight?.readLast((chunk) => this.#take(jvm, chunk))
    })
    this.#context = null
  }

  /** Takes its files away. */
  close(): void {
    for (const { flight } of this.#jvms.values()) flight?.close()
  }

  cost(): { cpuSeconds: Seconds; dropped: number } {
    const broken = [...this.#jvms.values()].reduce((sum, { flight }) => sum + (flight?.broken ?? 0), 0)
    return { cpuSeconds: this.#cpuUs / 1e6, dropped: this.#lost + broken }
  }

  #follow(): void {
    const { processes, now } = this.#context ?? {}
    if (!processes || !now) return
    for (const { pid, command } of processes()) {
      let sighted = this.#sighted.get(pid)
      if (sighted?.command !== command) this.#sighted.set(pid, (sighted = { command, at: now(), tried: false }))
      if (sighted.tried || (this.#launched && now() - sighted.at < SETTLED_AFTER_MS)) continue
      if (this.#jvms.size >= STARTED_AT_MOST || this.#jvms.has(pid)) continue
      if (identifyRuntime(pid, command) !== 'jvm') sighted.tried = true
      // One that has only begun will.
      else if (catchesSigquit(pid) || !this.#launched) {
        sighted.tried = true
        this.#begin(pid, command)
      }
    }
  }

  #begin(pid: number, command: string): void {
    const context = this.#context
    if (!context) return
    // It would print the stacks of all its threads instead.
    if (/-XX:\+DisableAttachMechanism/.test(command)) return void this.#failures.set(pid, '-XX:+DisableAttachMechanism')
    const ids = (processFacts(pid)?.pids.length ?? 1) > 1 ? new ThreadIds(pid) : null
    const translator = new JvmTranslator(context.sink, pid, {
      outerTid: (tid) => ids?.outer(tid) ?? tid,
      cpuStacks: this.#cpuStacks,
    })
    const jvm: Jvm = { flight: null, translator, until: null, dumpAt: 0, busy: Promise.resolve() }
    this.#jvms.set(pid, jvm)
    this.#then(pid, jvm, async () => {
      jvm.flight = await Flight.begin(pid)
      context.sink.add({ k: 'runtime', t: context.now(), pid, of: 'jvm', thresholdMs: THRESHOLD_MS })
    })
  }

  #turn(): void {
    for (const [pid, jvm] of this.#jvms)
      this.#then(pid, jvm, async () => jvm.flight?.turn((chunk) => this.#take(jvm, chunk)))
  }

  /** Who holds what, and what it is blocked in, no recorder says. */
  #dump(): void {
    const { now } = this.#context ?? {}
    if (!now) return
    for (const [pid, jvm] of this.#jvms) {
      if (!jvm.flight || now() < jvm.dumpAt) continue
      jvm.dumpAt = Infinity
      this.#then(pid, jvm, async () => {
        const began = now()
        const dump = (await jvm.flight?.dumpThreads()) ?? ''
        const ended = now()
        jvm.translator.lookAtHolders(dump, (began + ended) / 2)
        jvm.dumpAt = ended + dump.length * REST_A_CHARACTER_MS
      })
    }
  }

  /** @throws RangeError where the chunk is broken. */
  #take(jvm: Jvm, chunk: RawChunk): void {
    const { now } = this.#context ?? {}
    if (!now) return
    const before = process.cpuUsage()
    const events = readEvents(new Chunk(chunk))
    jvm.translator.translate(events, Date.now() - now(), jvm.until ?? now())
    if (events.lostBytes > 0) this.#lost++
    const { user, system } = process.cpuUsage(before)
    this.#cpuUs += user + system
  }

  async #margin(ms: Milliseconds): Promise<void> {
    if (!this.#launched && [...this.#jvms.values()].some(({ flight }) => flight !== null)) await sleep(ms)
  }

  #then(pid: number, jvm: Jvm, act: () => Promise<void>): void {
    jvm.busy = jvm.busy.then(act).catch((error: Error) => {
      // One that is gone has ended in the middle of it.
      if (processFacts(pid)) this.#failures.set(pid, error.message)
    })
  }

  async #all(act: (jvm: Jvm) => Promise<void>): Promise<void> {
    await Promise.all([...this.#jvms.values()].map((jvm) => act(jvm).catch(() => undefined)))
  }
}
