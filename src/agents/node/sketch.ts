/**
 * A histogram with logarithmic buckets 2 % wide (a quantile sketch with relative error, Masson et al., VLDB 2019):
 * adding is two operations and its size does not depend on the number of values.
 */
const GAMMA = 1.02
const LOG_GAMMA = Math.log(GAMMA)

export class Sketch {
  n = 0
  sum = 0
  sumOfSquares = 0
  max = 0
  readonly #buckets = new Map<number, number>()

  /** `ms` ≥ 0. */
  add(ms: number): void {
    this.n++
    this.sum += ms
    this.sumOfSquares += ms * ms
    if (ms > this.max) this.max = ms
    const bucket = Math.ceil(Math.log(ms > 1e-3 ? ms : 1e-3) / LOG_GAMMA)
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
  }

  /** `[middle of bucket in ms, count]`, ascending. */
  pairs(): [number, number][] {
    const buckets = [...this.#buckets].toSorted((a, b) => a[0] - b[0])
    return buckets.map(([bucket, count]) => [round((2 * GAMMA ** bucket) / (1 + GAMMA)), count])
  }
}

/** Four significant figures after the point are more than any clock here gives. */
export function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
