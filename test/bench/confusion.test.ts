import { expect, test } from 'vitest'
import { agreement, bothNamed, recallOf, scorePatterns } from '../../bench/lib/catalogue/confusion.ts'
import type { CatalogueRun } from '../../bench/lib/catalogue/runs.ts'

const run = (
  fixture: string,
  way: CatalogueRun['way'],
  faults: string[],
  expected: string[] = [],
  allowed: string[] = [],
) => ({
  fixture,
  way,
  intensity: 'clear' as const,
  run: 1,
  expected,
  allowed,
  faults,
  seconds: 1,
})
const runs = [
  run('mutex-pool', 'launched', ['global-mutex', 'cpu-saturated'], ['global-mutex'], ['cpu-saturated']),
  run('mutex-pool', 'attached', ['cpu-saturated', 'profiler-starved'], ['global-mutex'], ['cpu-saturated']),
  run('async', 'launched', ['global-mutex']),
  run('async', 'attached', []),
]

test('counts what was planted, what of it was found, and what was found where it is neither planted nor allowed', () => {
  const [mutex, cpu, ...more] = scorePatterns(runs)
  expect(mutex).toEqual({ id: 'global-mutex', planted: 2, found: 1, falseAlarms: ['async launched'], clean: 2 })
  expect(cpu).toEqual({ id: 'cpu-saturated', planted: 0, found: 0, falseAlarms: [], clean: 2 })
  expect(more).toEqual([])
  expect(recallOf({ planted: 2, found: 1 })).toBe(0.5)
})

test('launch and attach agree where both found what was planted, or both did not', () => {
  expect(agreement(runs)).toEqual({ same: 1, of: 2 })
})

test('of two faults at once both are named, or not', () => {
  const two = ['thread-per-request', 'global-mutex']
  const mixed = [run('locked-threads', 'launched', two, two), run('locked-threads', 'attached', two.slice(1), two)]
  expect(bothNamed([...runs, ...mixed])).toEqual({ named: 1, of: 2 })
})
