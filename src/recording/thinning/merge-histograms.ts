import type { Histogram } from '../schema.ts'

/** With more buckets than this, values are rounded to two significant digits, that is by at most 5 %. */
const FINE_BUCKETS = 200

/** One histogram of both: the counts add up, the lowest and the highest value stay as they are. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const exact = sum([...a, ...b])
  if (exact.length <= FINE_BUCKETS) return exact
  const ends = new Set([0, exact.length - 1])
  return sum(exact.map(([value, count], index) => [ends.has(index) ? value : Number(value.toPrecision(2)), count]))
}

function sum(pairs: Histogram): Histogram {
  const counts = new Map<number, number>()
  for (const [value, count] of pairs) counts.set(value, (counts.get(value) ?? 0) + count)
  return [...counts].toSorted(([a], [b]) => a - b)
}
