import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageFile } from '../../package-file.ts'
import type { Seconds } from '../../units.ts'
import type { Probe, ProbeContext, TargetProcess } from '../probe.ts'
import type { Chunk, FollowedProcess, FromReader, ToReader } from './chunk.ts'
import type { Sightings } from './sightings.ts'
import { ChunkTranslator } from './translate.ts'

const FOLLOW_EVERY_MS = 250
/** What it may take to have the kernel record, and to take the last of it. */
const PATIENCE_MS = 5000

/**
 * The probe `tracefs`: waits for locks, threads that come and go, turns of loops and requests of native programs, as the kernel
 * records each of them. Needs root, nothing in the target, and costs that some hundred nanoseconds a call that is recorded.
 */
export class TracefsProbe implements Probe {
  readonly id = 'tracefs'
  readonly fidelity = 'exact'
  readonly signals = ['lock wait', 'threads', 'event loop', 'requests']
  note?: string
  readonly #except: (process: TargetProcess) => boolean
  readonly #sightings: Sightings
  #reader: ChildProcess | null = null
  #over: Promise<unknown> = Promise.resolve()
  #context: ProbeContext | null = null
  #translator: ChunkTranslator | null = null
  #translating: Promise<void> = Promise.resolve()
  #following: NodeJS.Timeout | undefined
  #readerSeconds: Seconds = 0
  #cpuUs = 0
  #events = 0
  #lost = 0
  #failed = 0
  #complete = false
  #ended = () => {}
  readonly #last = new Promise<void>((resolve) => {
    this.#ended = () => {
      this.#complete = true
      resolve()
    }
  })

  /** `sightings`: what the sampler sees meanwhile; `except`: processes that are counted from inside. */
  constructor(sightings: Sightings, except: (process: TargetProcess) => boolean = () => false) {
    this.#sightings = sightings
    this.#except = except
  }

  /** Resolves once the kernel records, or it is known why it does not (`note`); at once where there is nothing to record yet. */
  async start(context: ProbeContext): Promise<void> {
    this.#context = context
    this.#following = setInterval(() => this.#follow(), FOLLOW_EVERY_MS).unref()
    const processes = this.#processes()
    if (processes.some(({ ignore }) => !ignore)) await this.#begin(context, processes)
  }

  async #begin(context: ProbeContext, processes: FollowedProcess[]): Promise<void> {
    const epoch = Number(process.hrtime.bigint()) / 1e6 - context.now()
    this.#translator = new ChunkTranslator(context.sink, epoch, this.#sightings)
    const reader = forkReader()
    this.#reader = reader
    this.#over = once(reader, 'exit').catch(() => {})
    const begun = new Promise<unknown>((resolve) => {
      const give = setTimeout(() => resolve(null), PATIENCE_MS)
      reader.on('message', (message: FromReader) => {
        if ('chunk' in message) return this.#take(message)
        if ('failed' in message) this.note = `the kernel does not record: ${message.failed}`
        clearTimeout(give)
        resolve(null)
      })
      void this.#over.then(resolve)
    })
    send(reader, { do: 'start', processes })
    await begun
  }

  async stop(): Promise<void> {
    clearInterval(this.#following)
    const reader = this.#reader
    if (!reader) return
    send(reader, { do: 'stop' })
    await Promise.race([this.#last, this.#over, sleep(PATIENCE_MS, undefined, { ref: false })])
    await this.#translating
    if (!this.#complete) this.note ??= 'what the kernel recorded last is missing: its reader ended early'
    else if (this.#lost > 0)
      this.note = `the kernel overwrote ${this.#lost} events before they were read: waits are too short`
    this.#context = null
  }

  /** Resolves when nothing of it is left in the kernel, which takes some tenths of a second. */
  async close(): Promise<void> {
    const reader = this.#reader
    if (!reader) return
    if (reader.connected) reader.disconnect()
    const kill = setTimeout(() => reader.kill('SIGKILL'), PATIENCE_MS)
    await this.#over
    clearTimeout(kill)
  }

  /** Of the reader, and of making records. */
  cost(): { cpuSeconds: Seconds; dropped: number; kept: number } {
    const cpuSeconds = this.#readerSeconds + this.#cpuUs / 1e6
    return { cpuSeconds, dropped: this.#lost + this.#failed, kept: this.#events }
  }

  #take({ chunk, events, lost, cpuSeconds, last }: Extract<FromReader, { chunk: unknown }>): void {
    this.#events = events
    this.#lost = lost
    this.#readerSeconds = cpuSeconds
    if (last) this.#ended()
    this.#translating = this.#translating.then(() => this.#translate(chunk))
  }

  async #translate(chunk: Chunk): Promise<void> {
    const before = process.cpuUsage()
    try {
      await this.#translator?.translate(chunk)
    } catch {
      this.#failed++
    }
    const { user, system } = process.cpuUsage(before)
    this.#cpuUs += user + system
  }

  /** A process of its own is dear: there is none while all processes are counted from inside. */
  #follow(): void {
    const processes = this.#processes()
    if (this.#reader) send(this.#reader, { do: 'follow', processes })
    else if (this.#context && processes.some(({ ignore }) => !ignore)) void this.#begin(this.#context, processes)
  }

  #processes(): FollowedProcess[] {
    const listed = this.#context?.processes() ?? []
    return listed.map((process) => ({ pid: process.pid, ignore: this.#except(process) }))
  }
}

function forkReader(): ChildProcess {
  // What watches the target has no business in its probe.
  const { NODE_OPTIONS: _, ...env } = process.env
  return fork(packageFile('dist/probes/tracefs/reader.js'), {
    env,
    execPath: process.execPath,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

function send(reader: ChildProcess, message: ToReader): void {
  // That the process just died is seen by its exit.
  if (reader.connected) reader.send(message, () => {})
}
