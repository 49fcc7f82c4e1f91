import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { HoldupError } from '../errors.ts'
import { packageFile } from '../package-file.ts'
import type { Probe, ProbeContext } from '../probes/probe.ts'
import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, PerSecond, Seconds } from '../units.ts'
import type { LoadOptions } from './closed-loop.ts'
import { type FromLoadProcess, monotonicMs, type ToLoadProcess } from './messages.ts'

/** As autocannon's own. */
const TIMEOUT_MS = 10_000
const DRAIN_MS = 200
/** Past the drain, before a load process that does not end is killed. */
const STOP_GRACE_MS = 500

export interface DriveOptions {
  /** Base URL; its path is asked for when `paths` is absent. */
  url: string
  connections: number
  paths?: readonly string[]
  /** Ends the load by itself after this long. */
  durationMs?: Milliseconds
  /** Default 10 s. */
  timeoutMs?: Milliseconds
  /** See LoadOptions. */
  reconnect?: boolean
  rate?: PerSecond
}

/**
 * Drives HTTP load from a process of its own and adds a `load` record four times a second. A probe like any
 * other but that its load starts only with `drive`, once the target answers.
 */
export class LoadDriver implements Probe {
  readonly id = 'load'
  readonly fidelity = 'exact'
  readonly signals = ['http']
  #context: ProbeContext | undefined
  #process: ChildProcess | undefined
  #over: Promise<unknown> | undefined
  #complete = false
  #stopped = false
  #cpuSeconds: Seconds = 0
  /** That it drives load at. */
  url: string | undefined
  /** Told each record that it adds. */
  onRecord: ((record: RecordOf<'load'>) => void) | undefined

  start(context: ProbeContext): void {
    this.#context = context
  }

  /**
   * Resolves once the load runs; its end is `ended`. Call it once, after `start`; after `stop` it does nothing.
   * @throws {HoldupError} `load-failed` for what is no URL, or when the load process does not start.
   */
  async drive({ paths, durationMs, timeoutMs = TIMEOUT_MS, ...rest }: DriveOptions): Promise<void> {
    const { url } = rest
    const base = URL.canParse(url) ? new URL(url) : undefined
    if (!base?.protocol.startsWith('http')) throw new HoldupError('load-failed', { reason: `"${url}" is no http URL` })
    const options: LoadOptions = { ...rest, paths: paths ?? [base.pathname + base.search], timeoutMs }
    if (this.#stopped) return
    this.url = url
    const load = forkLoadProcess()
    load.on('message', (message: FromLoadProcess) => this.#add(message))
    this.#process = load
    // The exit can be seen before the last message; the channel closes after it.
    this.#over = Promise.all([once(load, 'exit'), once(load, 'disconnect')]).catch(() => {})
    await once(load, 'spawn').catch((error: Error) => {
      throw new HoldupError('load-failed', { reason: error.message, url }, { cause: error })
    })
    send(load, { do: 'start', options, durationMs })
  }

  /** So many connections from now on. */
  resize(connections: number): void {
    if (this.#process) send(this.#process, { do: 'resize', connections })
  }

  /** Whether any of it was driven. */
  get began(): boolean {
    return this.#process !== undefined
  }

  /** Resolves when the load is over: its duration, `stop`, or the death of its process (`complete` is false then). */
  async ended(): Promise<{ complete: boolean }> {
    await this.#over
    return { complete: this.#complete }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const load = this.#process
    if (!load) return
    send(load, { do: 'stop', drainMs: DRAIN_MS })
    const kill = setTimeout(() => load.kill('SIGKILL'), DRAIN_MS + STOP_GRACE_MS)
    await this.#over
    clearTimeout(kill)
  }

  cost(): { cpuSeconds: Seconds; dropped: number } {
    return { cpuSeconds: this.#cpuSeconds, dropped: 0 }
  }

  #add({ counts, inFlight, ms, at, last }: FromLoadProcess): void {
    this.#cpuSeconds += (counts.cpuMs ?? 0) / 1000
    this.#complete = last
    const context = this.#context
    if (!context) return
    // The message may have waited for this process' event loop.
    const t = context.now() - (monotonicMs() - at)
    const record = { k: 'load' as const, t, ms, inFlight, ...counts }
    context.sink.add(record)
    this.onRecord?.(record)
  }
}

function forkLoadProcess(): ChildProcess {
  // What watches the target has no business in its load.
  const { NODE_OPTIONS: _, ...env } = process.env
  return fork(packageFile('dist/load/load-process.js'), {
    env,
    execPath: process.execPath,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

function send(load: ChildProcess, message: ToLoadProcess): void {
  // That the process just died is seen by its exit.
  if (load.connected) load.send(message, () => {})
}
