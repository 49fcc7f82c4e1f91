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
 * The median of all and its 95 % percentile-bootstrap interval (Efron and Tibshirani, An Introduction to the Bootstrap,
 * 13.3). Values of one group have something in common that another run would not repeat, so groups are drawn first and
 * values within them (Davison and Hinkley, Bootstrap Methods and their Application, 3.8). The same values give the same
 * interval.
 */
export function bootstrapMedian(groups: readonly (readonly number[])[]): Interval {
  const random = mulberry32(groups.length)
  const draw = <T>(from: readonly T[]) => from.map(() => from[Math.floor(random() * from.length)] as T)
  const medians = Array.from({ length: ROUNDS }, () => median(draw(groups).flatMap(draw))).sort((a, b) => a - b)
  return {
    median: median(groups.flat()),
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
