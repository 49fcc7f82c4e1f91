import { expectationOf } from '../../../test/support/fixture.ts'
import type { Combination, Intensity, Way } from './runs.ts'

const LOOK_ALIKE: readonly Way[] = ['launched', 'attached', 'launched', 'attached', 'launched']
const DEGREES: readonly Intensity[] = ['weak', 'clear', 'severe']

/**
 * Runs of a fixture in the core set, some 340 in all: a fault once in each way, at each degree that it has; what has none
 * five times, in the two ways by turns.
 */
export function coreSet(fixture: string): Combination[] {
  const { expect, anyOf = [], hasDegrees } = expectationOf(fixture)
  const clear = 'clear' as const
  if (expect.length + anyOf.length === 0)
    return LOOK_ALIKE.map((way, i) => ({ fixture, way, intensity: clear, run: Math.floor(i / 2) + 1 }))
  return (hasDegrees ? DEGREES : [clear]).flatMap((intensity) =>
    (['launched', 'attached'] as const).map((way) => ({ fixture, way, intensity, run: 1 })),
  )
}
