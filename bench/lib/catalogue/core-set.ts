import { expectationOf } from '../../../test/support/fixture.ts'
import type { Combination, Intensity, Way } from './runs.ts'

const LOOK_ALIKE: readonly Way[] = ['launched', 'attached', 'launched', 'attached', 'launched']
/** Runs of two faults at once, which are few services, in each way. */
const MIXED_RUNS = 2
const DEGREES: readonly Intensity[] = ['weak', 'clear', 'severe']

/**
 * Runs of a fixture in the core set, some 350 in all: a fault once in each way, at each degree that it has, two at once twice;
 * what has none five times, in the two ways by turns.
 */
export function coreSet(fixture: string): Combination[] {
  const { expect, anyOf = [], hasDegrees } = expectationOf(fixture)
  const clear = 'clear' as const
  if (expect.length + anyOf.length === 0)
    return LOOK_ALIKE.map((way, i) => ({ fixture, way, intensity: clear, run: Math.floor(i / 2) + 1 }))
  const runs = expect.length > 1 ? MIXED_RUNS : 1
  return (hasDegrees ? DEGREES : [clear]).flatMap((intensity) =>
    Array.from({ length: runs }, (_, i) => i + 1).flatMap((run) =>
      (['launched', 'attached'] as const).map((way) => ({ fixture, way, intensity, run })),
    ),
  )
}
