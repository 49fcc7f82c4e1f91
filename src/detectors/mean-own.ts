import type { Neighbours } from '../analysis/signals.ts'

/** Cores that holdup used, with its load. */
export function meanOwn({ spans }: Neighbours): number {
  const seconds = spans.reduce((sum, span) => sum + span.seconds, 0)
  return spans.reduce((sum, { own, seconds: each }) => sum + own * each, 0) / Math.max(0.001, seconds)
}
