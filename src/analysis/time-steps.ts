import type { Milliseconds } from '../units.ts'
import type { Span } from './thread-split.ts'

/** As many stretches of a recording as a chart can show at a useful width, and a report carry of each call tree. */
const STEPS = 120
const MIN_STEP_MS: Milliseconds = 250

/** A recording in stretches of one length, for what can be looked at a part at a time. */
export interface TimeSteps {
  from: Milliseconds
  stepMs: Milliseconds
  count: number
}

/** Steps that cover the time from `from` to `to`. */
export function timeSteps(from: Milliseconds, to: Milliseconds): TimeSteps {
  const length = Math.max(0, to - from)
  const stepMs = Math.max(MIN_STEP_MS, length / STEPS)
  // Else a length that is no multiple would sometimes get a step more, of rounding alone.
  return { from, stepMs, count: Math.ceil(length / stepMs - 1e-9) }
}

/** The step that a time lies in; the first or the last one for what lies outside. */
export function stepAt({ from, stepMs, count }: TimeSteps, t: Milliseconds): number {
  return Math.max(0, Math.min(count - 1, Math.floor((t - from) / stepMs)))
}

/** Each step's beginning and end. */
export function stepSpans({ from, stepMs, count }: TimeSteps): Span[] {
  return Array.from({ length: count }, (_, i) => [from + i * stepMs, from + (i + 1) * stepMs] as const)
}
