import type { Milliseconds, PerSecond, Ratio } from '../units.ts'

/** More points than these say no more of a line, and cost their square. */
const POINTS = 200

/** A straight line through a series, and how much of its variance that explains. */
interface Trend {
  perSecond: PerSecond
  r2: Ratio
}

/**
 * Trend of `[t, value]` by Theil and Sen: the median of the slopes between all pairs, which a burst does not move
 * (Sen 1968, doi:10.1080/01621459.1968.10480934). R² is that of the line with the median residual as its offset; 0 of a
 * constant. Null of fewer than three points.
 */
export function trendOf(series: readonly (readonly [Milliseconds, number])[]): Trend | null {
  const every = Math.ceil(series.length / POINTS)
  const points = series.filter((_, i) => i % every === 0)
  if (points.length < 3) return null
  const slopes = points.flatMap(([t0, a], i) => points.slice(i + 1).map(([t1, b]) => (b - a) / (t1 - t0)))
  const slope = median(slopes)
  const offset = median(points.map(([t, value]) => value - slope * t))
  const mean = points.reduce((sum, [, value]) => sum + value, 0) / points.length
  let residual = 0
  let total = 0
  for (const [t, value] of points) {
    residual += (value - offset - slope * t) ** 2
    total += (value - mean) ** 2
  }
  return { perSecond: slope * 1000, r2: total > 0 ? Math.max(0, 1 - residual / total) : 0 }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
