import type { Milliseconds } from '../units.ts'

/** A cumulative counter as it was read, ascending; in columns, for an hour has millions of readings. */
export interface Counter {
  readonly times: ArrayLike<Milliseconds>
  readonly values: ArrayLike<number>
}

export function counterOf(readings: readonly (readonly [Milliseconds, number])[]): Counter {
  return { times: readings.map(([t]) => t), values: readings.map(([, value]) => value) }
}

/** Value at `t`, straight between two readings, flat beyond the first and the last. */
export function valueAt(counter: Counter, t: Milliseconds): number {
  const { times, values } = counter
  const i = lastUpTo(counter, t)
  const before = values[Math.max(0, i)] ?? 0
  const from = times[i]
  const to = times[i + 1]
  if (from === undefined || to === undefined) return before
  return before + (((values[i + 1] ?? 0) - before) * (t - from)) / (to - from)
}

/** Times of the two readings around `t`; the same twice beyond the first and the last. */
export function around(counter: Counter, t: Milliseconds): [Milliseconds, Milliseconds] {
  const i = lastUpTo(counter, t)
  const from = counter.times[Math.max(0, i)] ?? t
  return [from, i < 0 ? from : (counter.times[i + 1] ?? from)]
}

/** Index of the last reading at or before `t`, -1 before the first. */
function lastUpTo({ times }: Counter, t: Milliseconds): number {
  let low = -1
  let high = times.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) <= t) low = middle
    else high = middle
  }
  return low
}

/** Growth over a window. */
export function growth(counter: Counter, [from, to]: readonly [Milliseconds, Milliseconds]): number {
  return valueAt(counter, to) - valueAt(counter, from)
}

/** Mean and peak of a sampled level over its `[t, value]` points. */
export function level(points: readonly (readonly [Milliseconds, number])[]): { mean: number; peak: number } {
  if (points.length === 0) return { mean: 0, peak: 0 }
  let sum = 0
  let peak = -Infinity
  for (const [, value] of points) {
    sum += value
    peak = Math.max(peak, value)
  }
  return { mean: sum / points.length, peak }
}

/** What an owner had at a time; null: it is gone. */
export interface Reading {
  t: Milliseconds
  owner: number
  value: number | null
}

/**
 * Sums the levels of several owners, ascending by time, in steps of `stepMs`: each counts with its last reading, to the step in which
 * it goes, or as long as it is read.
 */
export function sumLevels(readings: readonly Reading[], stepMs: Milliseconds): [Milliseconds, number][] {
  const points: [Milliseconds, number][] = []
  const current = new Map<number, { t: Milliseconds; value: number; gone: boolean }>()
  let step = 0
  const close = () => {
    const t = (step + 1) * stepMs
    let sum = 0
    for (const [owner, reading] of current) {
      if (t - reading.t > 4 * stepMs) current.delete(owner)
      else sum += reading.value
    }
    if (current.size > 0) points.push([t, sum])
    for (const [owner, { gone }] of current) if (gone) current.delete(owner)
  }
  for (const { t, owner, value } of readings) {
    const at = Math.floor(t / stepMs)
    if (at !== step && current.size > 0) close()
    step = at
    const before = current.get(owner)
    if (value !== null) current.set(owner, { t, value, gone: false })
    else if (before) before.gone = true
  }
  if (current.size > 0) close()
  return points
}
