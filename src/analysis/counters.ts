import type { Milliseconds } from '../units.ts'

/** A cumulative counter as it was read: `[t, value]`, ascending. */
export type Counter = readonly (readonly [Milliseconds, number])[]

/** Value at `t`, straight between two readings, flat beyond the first and the last. */
export function valueAt(counter: Counter, t: Milliseconds): number {
  let low = 0
  let high = counter.length - 1
  const first = counter[low]
  const last = counter[high]
  if (!first || !last) return 0
  if (t <= first[0]) return first[1]
  if (t >= last[0]) return last[1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((counter[middle]?.[0] ?? 0) <= t) low = middle
    else high = middle
  }
  const [t0, v0] = counter[low] ?? first
  const [t1, v1] = counter[high] ?? last
  return t1 === t0 ? v1 : v0 + ((v1 - v0) * (t - t0)) / (t1 - t0)
}

/** Growth over a window. */
export function growth(counter: Counter, [from, to]: readonly [Milliseconds, Milliseconds]): number {
  return valueAt(counter, to) - valueAt(counter, from)
}

/** Mean and peak of a sampled level over its `[t, value]` points. */
export function level(points: Counter): { mean: number; peak: number } {
  if (points.length === 0) return { mean: 0, peak: 0 }
  let sum = 0
  let peak = -Infinity
  for (const [, value] of points) {
    sum += value
    peak = Math.max(peak, value)
  }
  return { mean: sum / points.length, peak }
}

/** Sums the levels of several owners in steps of `stepMs`: each counts with its last reading, as long as it is read. */
export function sumLevels(
  readings: readonly { t: Milliseconds; owner: number; value: number }[],
  stepMs: Milliseconds,
): [Milliseconds, number][] {
  const points: [Milliseconds, number][] = []
  const current = new Map<number, { t: Milliseconds; value: number }>()
  let step = 0
  const close = () => {
    const t = (step + 1) * stepMs
    let sum = 0
    for (const [owner, reading] of current) {
      if (t - reading.t > 4 * stepMs) current.delete(owner)
      else sum += reading.value
    }
    if (current.size > 0) points.push([t, sum])
  }
  for (const { t, owner, value } of readings) {
    const at = Math.floor(t / stepMs)
    if (at !== step && current.size > 0) close()
    step = at
    current.set(owner, { t, value })
  }
  if (current.size > 0) close()
  return points
}
