import type { Ratio } from '../../units.ts'

/** Whether a measurement at `n` held what it has to. */
export interface Trial {
  n: number
  holds: boolean
}

/** The capacity is known to this share of itself. */
const RESOLUTION: Ratio = 0.1
/** Lead of one verdict over the other before it is believed. */
const LEAD = 2
/** Trials at one concurrency: where they differ even so, it is at the edge and counts as not held. */
const MOST_TRIALS = 5

interface Bounds {
  /** The largest that holds, 0 without one, and the smallest that does not, null without one. */
  low: number
  high: number | null
}

/** The largest concurrency that holds, by the trials so far; 0 where none does. */
export function capacityOf(trials: readonly Trial[]): number {
  return bounds(trials).low
}

/**
 * Where to measure next for the capacity: half-way between the largest that holds and the smallest that does not, then both
 * again until they agree with themselves. Null when it is known, or nothing failed.
 */
export function nextTrial(trials: readonly Trial[]): number | null {
  const { low, high } = bounds(trials)
  if (high === null) return null
  if (high - low > Math.max(1, low * RESOLUTION)) return Math.floor((low + high) / 2)
  return [low, high].find((n) => n > 0 && !isSettled(trials, n)) ?? null
}

function bounds(trials: readonly Trial[]): Bounds {
  const tried = [...new Set(trials.map(({ n }) => n))].toSorted((a, b) => a - b)
  const high = tried.find((n) => lead(trials, n) <= 0) ?? null
  const low = tried.findLast((n) => (high === null || n < high) && lead(trials, n) > 0) ?? 0
  return { low, high }
}

function isSettled(trials: readonly Trial[], n: number): boolean {
  return Math.abs(lead(trials, n)) >= LEAD || trials.filter((trial) => trial.n === n).length >= MOST_TRIALS
}

/** Trials at `n` that held, less those that did not. */
function lead(trials: readonly Trial[], n: number): number {
  return trials.filter((trial) => trial.n === n).reduce((sum, { holds }) => sum + (holds ? 1 : -1), 0)
}
