import type { Histogram } from '../../recording/schema.ts'
import { middleOf } from './layout.ts'

/** What cumulative counters have grown by since they were asked before, by key. */
export class Growth {
  readonly #before = new Map<string, number>()

  /** Never below 0: a counter that seems to shrink was read in the middle of a change, and catches up. */
  of(key: string, total: number): number {
    const before = this.#before.get(key) ?? 0
    if (total <= before) return 0
    this.#before.set(key, total)
    return total - before
  }

  /** The same of a histogram's buckets: middles in milliseconds. */
  ofBuckets(key: string, buckets: readonly number[]): Histogram {
    return buckets.flatMap((total, bucket): Histogram => {
      const grown = total > 0 ? this.of(`${key}/${bucket}`, total) : 0
      return grown > 0 ? [[middleOf(bucket), grown]] : []
    })
  }
}
