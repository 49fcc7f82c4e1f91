/** Values put aside before they are sorted into buckets. */
const ASIDE = 256
const GAMMA = 1.02
const LOG_GAMMA = Math.log(GAMMA)

/** What a number of values comes to; `pairs` are `[middle of bucket in ms, count]`, ascending. */
export interface Summary {
  n: number
  sum: number
  sumOfSquares: number
  max: number
  pairs: [number, number][]
}

/**
 * A histogram with logarithmic buckets 2 % wide (a quantile sketch with relative error, Masson et al., VLDB 2019): its
 * size does not depend on the number of values. Adding one puts it aside, a single store: a thread that has just been
 * woken finds nothing of ours in its cache, so that each more thing to touch costs it microseconds.
 */
export class Sketch {
  #aside: number[] = []
  #n = 0
  #sum = 0
  #sumOfSquares = 0
  #max = 0
  readonly #buckets = new Map<number, number>()

  /** `ms` ≥ 0. */
  add(ms: number): void {
    this.#aside.push(ms)
    if (this.#aside.length === ASIDE) this.#sort()
  }

  get empty(): boolean {
    return this.#n === 0 && this.#aside.length === 0
  }

  summary(): Summary {
    this.#sort()
    const buckets = [...this.#buckets].toSorted((a, b) => a[0] - b[0])
    return {
      n: this.#n,
      sum: this.#sum,
      sumOfSquares: this.#sumOfSquares,
      max: this.#max,
      pairs: buckets.map(([bucket, count]) => [round((2 * GAMMA ** bucket) / (1 + GAMMA)), count]),
    }
  }

  #sort(): void {
    this.#n += this.#aside.length
    for (const ms of this.#aside) {
      this.#sum += ms
      this.#sumOfSquares += ms * ms
      if (ms > this.#max) this.#max = ms
      const bucket = Math.ceil(Math.log(ms > 1e-3 ? ms : 1e-3) / LOG_GAMMA)
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    }
    this.#aside = []
  }
}

/** Four significant figures after the point are more than any clock here gives. */
export function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
