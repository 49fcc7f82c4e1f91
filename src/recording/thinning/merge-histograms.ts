import type { Histogram } from '../schema.ts'

/** With more buckets than this, values are rounded to two significant digits, that is by at most 5 %. */
const FINE_BUCKETS = 200

/** One histogram of both: the counts add up, the lowest and the highest value stay as they are. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const exact = sum([...a, ...b])
  if (exact.length <= FINE_BUCKETS) return exact
  const [lowest, highest] = [exact[0]?.[0] ?? 0, exact.at(-1)?.[0] ?? 0]
  const round = (value: number) => Math.min(Math.max(Number(value.toPrecision(2)), lowest), highest)
  return sum(exact.map(([value, count]) => [value === lowest || value === highest ? value : round(value), count]))
}

function sum(pairs: Histogram): Histogram {
  const counts = new Map<number, number>()
  for (const [value, count] of pairs) counts.set(value, (counts.get(value) ?? 0) + count)
  return [...counts].toSorted(([a], [b]) => a - b)
}
