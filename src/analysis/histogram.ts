import type { Histogram } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import type { Quantiles } from './signals.ts'

/** Merges weighted values into one histogram, ascending. */
export function mergeHistograms(parts: Iterable<Histogram>): Histogram {
  const counts = new Map<number, number>()
  for (const part of parts) for (const [value, count] of part) counts.set(value, (counts.get(value) ?? 0) + count)
  return [...counts].toSorted((a, b) => a[0] - b[0])
}

/** Smallest value that at least `share` of the counts do not exceed (nearest rank); 0 of nothing. */
export function quantile(histogram: Histogram, share: Ratio): Milliseconds {
  const rank = share * count(histogram)
  let seen = 0
  for (const [value, n] of histogram) {
    seen += n
    if (seen >= rank) return value
  }
  return histogram.at(-1)?.[0] ?? 0
}

/** `exactMax` replaces the highest bucket's middle where the maximum is known. */
export function quantiles(histogram: Histogram, exactMax?: Milliseconds): Quantiles {
  const max = exactMax ?? histogram.at(-1)?.[0] ?? 0
  const at = (share: Ratio): Milliseconds => Math.min(quantile(histogram, share), max)
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max }
}

function count(histogram: Histogram): number {
  return histogram.reduce((sum, [, n]) => sum + n, 0)
}
