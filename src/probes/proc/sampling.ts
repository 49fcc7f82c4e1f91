import { existsSync, readFileSync } from 'node:fs'
import type { Bytes, Milliseconds } from '../../units.ts'
import { readStat } from '../../targets/proc-listing.ts'
import type { Sink } from '../probe.ts'
import { kernelUnits } from './auxv.ts'
import { FdBudget, type KeptFile, type NotRead } from './kept-file.ts'
import { PssReader } from './pss-reader.ts'

/** No file that is read here is longer, but for a few lines at the end that nobody needs. */
const BUFFER_BYTES = 8192
/** Far more than any program shows; a bound for one that makes them up. */
const WAITS_AT_MOST = 4096
/** A row's `wait` where it is not known, and its `queuedMs` where the kernel does not count it. */
export const UNKNOWN = -1

/** By it the clock of other processes' starts is told. */
const OWN_START_TICKS = readStat(process.pid)?.start ?? 0

/** What all of the probe's readers share. */
export class Sampling {
  readonly budget = new FdBudget()
  readonly pss = new PssReader()
  readonly tickMs: Milliseconds
  readonly pageBytes: Bytes
  /** Whether the kernel counts run-queue delay, and whether it shows what a thread is blocked in. */
  readonly hasSchedstat = countsTime('/proc/self/schedstat')
  readonly hasSyscall = existsSync('/proc/self/syscall')
  /** Reads that failed for want of a file descriptor. */
  failed = 0
  /** Why the last read gave nothing. */
  why: NotRead = 'gone'
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  readonly #sink: Sink
  readonly #waits = new Map<string, number>()

  constructor(sink: Sink) {
    this.#sink = sink
    const { tickMs, pageBytes } = kernelUnits()
    this.tickMs = tickMs
    this.pageBytes = pageBytes
  }

  /** When it began, on the recording's clock, at whose `now` this is asked; `ticks` from boot, as its stat line has it. */
  began(ticks: number, now: Milliseconds): Milliseconds {
    return now - process.uptime() * 1000 + (ticks - OWN_START_TICKS) * this.tickMs
  }

  /** A file's text, of which the last `most` bytes; null where `why` tells what hindered it. */
  text(file: KeptFile, most = BUFFER_BYTES): string | null {
    const n = file.read(this.#buffer)
    if (typeof n === 'number') return this.#buffer.toString('latin1', Math.max(0, n - most), n)
    if (n === 'failed') this.failed++
    this.why = n
    return null
  }

  /** The string id of what a thread is blocked in. */
  wait(text: string): number {
    let id = this.#waits.get(text)
    if (id === undefined) {
      if (this.#waits.size >= WAITS_AT_MOST) return UNKNOWN
      id = this.#sink.string(text)
      this.#waits.set(text, id)
    }
    return id
  }
}

/** Whether a schedstat file counts: a kernel that does not shows zeros, also for a process that surely ran. */
export function countsTime(path: string): boolean {
  try {
    return Number.parseInt(readFileSync(path, 'latin1')) > 0
  } catch {
    return false
  }
}
