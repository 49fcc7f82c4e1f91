import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { Durations } from './durations.ts'

/** What came back over an interval: a `load` record but for its time. */
export type LoadCounts = Omit<RecordOf<'load'>, 'k' | 't' | 'ms' | 'inFlight'>

/** Counts responses and failures; latencies of all responses, whatever their status, in a histogram of microseconds. */
export class Tally {
  readonly #latency = new Durations()
  #counts = noCounts()

  response(status: number, ms: Milliseconds): void {
    const counts = this.#counts
    counts.requests++
    // A redirect, or what has not changed, is an answer.
    if (status < 200 || status > 399) counts.non2xx++
    counts.sumMs += ms
    counts.sumSqMs += ms * ms
    this.#latency.add(ms)
  }

  timeout(): void {
    this.#counts.timeouts++
  }

  error(): void {
    this.#counts.errors++
  }

  /** What came since the call before. */
  take(): LoadCounts {
    const counts = { ...this.#counts, latency: this.#latency.take() }
    this.#counts = noCounts()
    return counts
  }
}

function noCounts() {
  return { requests: 0, non2xx: 0, timeouts: 0, errors: 0, sumMs: 0, sumSqMs: 0 }
}
