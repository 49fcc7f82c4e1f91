import type { Histogram } from '../../recording/schema.ts'
import type { Nanoseconds } from '../../units.ts'
import { bucketOf, middleOf } from '../native/layout.ts'

/** How often something was so long, and how long all in all. */
export class Durations {
  n = 0
  ns: Nanoseconds = 0
  longest: Nanoseconds = 0
  readonly #buckets = new Map<number, number>()

  add(ns: Nanoseconds): void {
    this.n++
    this.ns += ns
    this.see(ns)
    const bucket = bucketOf(ns)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
  }

  /** One that has not ended. */
  see(ns: Nanoseconds): void {
    if (ns > this.longest) this.longest = ns
  }

  /** `[middle in ms, count]`. */
  histogram(): Histogram {
    return [...this.#buckets].map(([bucket, n]): [number, number] => [middleOf(bucket), n])
  }
}
