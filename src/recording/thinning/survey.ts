import type { AnyRecord } from '../schema.ts'
import { rowCount, rowsOf, type Sweep, type SweepRow } from '../sweep.ts'

/** Threads whose first and last sweep are remembered; of more than that, those seen first. */
const THREADS = 200_000

function threadKey(pid: number, tid: number): number {
  // Linux' pids stay under 2^22.
  return pid * 2 ** 22 + tid
}

/** What must be known of the older part of a recording before it is thinned. */
export class Survey {
  /** Ordinal of the first and the last sweep that shows a thread. */
  readonly #sweeps = new Map<number, { first: number; last: number }>()
  readonly #goneThreads = new Set<number>()
  readonly #gonePids = new Set<number>()
  readonly #goneWorkers = new Set<number>()
  #count = 0

  /** Whether the survey needs this line: a cheap test before it is parsed. */
  static reads(line: string): boolean {
    return /"k":"(?:threads|thread-exit|process-exit|worker-death)"/.test(line)
  }

  add(record: AnyRecord): void {
    if (record.k === 'thread-exit') this.#goneThreads.add(threadKey(record.pid, record.tid))
    if (record.k === 'process-exit') this.#gonePids.add(record.pid)
    if (record.k === 'worker-death') this.#goneWorkers.add(threadKey(record.pid, record.worker))
    if (record.k !== 'threads') return
    const ordinal = this.#count++
    for (const tid of record.tids.slice(0, rowCount(record))) {
      const key = threadKey(record.pid, tid)
      const seen = this.#sweeps.get(key)
      if (seen) seen.last = ordinal
      else if (this.#sweeps.size < THREADS) this.#sweeps.set(key, { first: ordinal, last: ordinal })
    }
  }

  isGone(pid: number, tid: number): boolean {
    return this.#goneThreads.has(threadKey(pid, tid)) || this.#gonePids.has(pid)
  }

  isProcessGone(pid: number): boolean {
    return this.#gonePids.has(pid)
  }

  isWorkerGone(pid: number, worker: number): boolean {
    return this.#goneWorkers.has(threadKey(pid, worker)) || this.#gonePids.has(pid)
  }

  /** Rows of the sweep with this ordinal that are the first or the last of their thread: its totals hang on them. */
  boundaryRows(sweep: Sweep, ordinal: number): SweepRow[] {
    return rowsOf(sweep).filter(([tid]) => {
      const seen = this.#sweeps.get(threadKey(sweep.pid, tid))
      return seen?.first === ordinal || seen?.last === ordinal
    })
  }
}
