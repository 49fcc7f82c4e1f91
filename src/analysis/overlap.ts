import type { Milliseconds, Ratio } from '../units.ts'

/** Milliseconds that two spans share. */
export function overlap(
  [a0, a1]: readonly [Milliseconds, Milliseconds],
  [b0, b1]: readonly [Milliseconds, Milliseconds],
): Milliseconds {
  return Math.max(0, Math.min(a1, b1) - Math.max(a0, b0))
}

/** Share of `span` that lies in `window`; a span without length lies in it or not. */
export function shareWithin(
  span: readonly [Milliseconds, Milliseconds],
  window: readonly [Milliseconds, Milliseconds],
): Ratio {
  const length = span[1] - span[0]
  if (length > 0) return overlap(span, window) / length
  return span[1] > window[0] && span[1] <= window[1] ? 1 : 0
}
