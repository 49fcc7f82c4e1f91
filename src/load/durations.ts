import { Int32Histogram } from 'hdr-histogram-js'
import type { Histogram } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'

/** The longest kept apart, in microseconds: 1,000 s. */
const LONGEST_US = 1e9
const SIGNIFICANT_DIGITS = 3

/** Durations in a histogram of microseconds, to three digits. */
export class Durations {
  readonly #histogram = new Int32Histogram(1, LONGEST_US, SIGNIFICANT_DIGITS)

  add(ms: Milliseconds): void {
    this.#histogram.recordValue(Math.min(Math.round(ms * 1000), LONGEST_US))
  }

  /** What was added since the call before, ascending. */
  take(): Histogram {
    const found: Histogram = []
    const values = this.#histogram.recordedValuesIterator
    // Not `resetIterator`, which leaves it on where it ended: a value there would be passed over.
    values.reset()
    while (values.hasNext()) {
      const { valueIteratedTo, countAddedInThisIterationStep } = values.next()
      found.push([this.#histogram.medianEquivalentValue(valueIteratedTo) / 1000, countAddedInThisIterationStep])
    }
    this.#histogram.reset()
    return found
  }
}
