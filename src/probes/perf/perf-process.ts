import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds, Seconds } from '../../units.ts'
import { kernelUnits } from '../proc/auxv.ts'
import { parseStat } from '../proc/stat.ts'
import { PerfStream, type PerfRecord } from './stream.ts'

/** perf ends with it where an option is unknown. */
const USAGE = 129
const END_WITHIN_MS: Milliseconds = 3000
const COMPLAINT_CHARACTERS = 2000

/** One `perf record`. */
export class PerfProcess {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #said = ''
  #sawRecords = false
  #ending = false
  #cpuSeconds: Seconds = 0
  /** Why it gives nothing; null while it does, or may yet. */
  failure: string | null = null
  /** It ended before it was asked to. */
  ended = false
  /** It did not know an option. */
  wasTooOld = false
  /** CPU of holdup's own for what it wrote. */
  readSeconds: Seconds = 0

  constructor(args: readonly string[], take: (record: PerfRecord) => void) {
    // Of a session of its own: Ctrl-C is not for it.
    const child = spawn('perf', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    const stream = new PerfStream((record) => {
      this.#sawRecords = true
      take(record)
    })
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', (chunk) => (this.#said = (this.#said + String(chunk)).slice(0, COMPLAINT_CHARACTERS)))
    child.stdout.on('data', (chunk: Buffer) => {
      const before = process.cpuUsage()
      try {
        stream.push(chunk)
      } catch (error) {
        this.failure = `what perf writes cannot be read: ${(error as Error).message}`
        child.kill('SIGKILL')
      }
      const { user, system } = process.cpuUsage(before)
      this.readSeconds += (user + system) / 1e6
    })
    child.on(
      'error',
      (error: NodeJS.ErrnoException) => (this.failure = error.code === 'ENOENT' ? NOT_THERE : error.message),
    )
    this.#child = child
    this.#closed = once(child, 'close').then(
      ([code]) => this.#noteEnd(code as number | null),
      () => undefined,
    )
  }

  /** Its own CPU time so far. */
  get cpuSeconds(): Seconds {
    try {
      const stat = parseStat(readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1'))
      this.#cpuSeconds = (stat.cpuTicks * kernelUnits().tickMs) / 1000
    } catch {
      // It has ended: what it had used when it was last asked.
    }
    return this.#cpuSeconds
  }

  /** Resolves when all that it had has been given. */
  async end(): Promise<void> {
    this.#ending = true
    this.#child.stdin?.end()
    await Promise.race([this.#closed, sleep(END_WITHIN_MS, undefined, { ref: false })])
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL')
  }

  #noteEnd(code: number | null): void {
    this.ended = !this.#ending
    this.wasTooOld = code === USAGE
    if (this.#ending || this.#sawRecords || this.failure !== null) return
    const why = this.#said.split('\n').find((line) => line.trim() !== '')
    this.failure = why === undefined ? `perf ended with ${code}` : `perf says: ${why.trim()}`
  }
}

const NOT_THERE = 'perf is not installed (Debian: linux-perf)'
