import type { Check } from './check.ts'

const NAMED_AT_MOST = 3

/** One sentence: whether holdup can record everything here, or what not. */
export function summarise(checks: readonly Check[]): string {
  const lost = [...new Set(checks.flatMap(({ but }) => but ?? []))]
  if (lost.length === 0) return 'holdup can record everything here.'
  const more = lost.length - NAMED_AT_MOST
  const named = more > 0 ? [...lost.slice(0, NAMED_AT_MOST), `${more} more below`] : lost
  return `holdup can record here, but ${named.join('; ')}.`
}
