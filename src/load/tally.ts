import { Int32Histogram } from 'hdr-histogram-js'
import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'

/** What came back over an interval: a `load` record but for its time. */
export type LoadCounts = Omit<RecordOf<'load'>, 'k' | 't' | 'ms' | 'inFlight'>

/** The longest latency kept apart, in microseconds: 1,000 s. */
const LONGEST_US = 1e9
const SIGNIFICANT_DIGITS = 3

/** Counts responses and failures; latencies of all responses, whatever their status, in a histogram of microseconds. */
export class Tally {
  readonly #histogram = new Int32Histogram(1, LONGEST_US, SIGNIFICANT_DIGITS)
  #counts = noCounts()

  response(status: number, ms: Milliseconds): void {
    const counts = this.#counts
    counts.requests++
    if (status < 200 || status > 299) counts.non2xx++
    counts.sumMs += ms
    counts.sumSqMs += ms * ms
    this.#histogram.recordValue(Math.min(Math.round(ms * 1000), LONGEST_US))
  }

  timeout(): void {
    this.#counts.timeouts++
  }

  error(): void {
    this.#counts.errors++
  }

  /** What came since the call before. */
  take(): LoadCounts {
    const counts = { ...this.#counts, latency: pairs(this.#histogram) }
    this.#counts = noCounts()
    this.#histogram.reset()
    return counts
  }
}

function noCounts() {
  return { requests: 0, non2xx: 0, timeouts: 0, errors: 0, sumMs: 0, sumSqMs: 0 }
}

function pairs(histogram: Int32Histogram): [Milliseconds, number][] {
  const found: [Milliseconds, number][] = []
  const values = histogram.recordedValuesIterator
  values.resetIterator(histogram)
  while (values.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = values.next()
    found.push([histogram.medianEquivalentValue(valueIteratedTo) / 1000, countAddedInThisIterationStep])
  }
  return found
}
