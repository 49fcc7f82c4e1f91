export interface Interval {
  median: number
  /** Of the 95 % interval. */
  low: number
  high: number
}

const ROUNDS = 2000
const TAIL = 0.025

/** Mean of the middle two for an even count; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/**
 * The median and its 95 % percentile-bootstrap interval (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 * The same values give the same interval.
 */
export function bootstrapMedian(values: readonly number[]): Interval {
  const random = mulberry32(values.length)
  const draw = () => values[Math.floor(random() * values.length)] ?? NaN
  const medians = Array.from({ length: ROUNDS }, () => median(values.map(draw))).sort((a, b) => a - b)
  return {
    median: median(values),
    low: medians[Math.floor(TAIL * ROUNDS)] ?? NaN,
    high: medians[Math.ceil((1 - TAIL) * ROUNDS) - 1] ?? NaN,
  }
}

/** Tommy Ettinger's 32-bit generator: small, and good enough to draw indexes. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
