import { describe, expect, it } from 'vitest'
import { capacityOf, nextTrial, type Trial } from '../../../src/analysis/scale/capacity.ts'

/** What a search finds, and after how many trials, where `holds` answers. */
function search(holds: (n: number, trial: number) => boolean, ramp = [1, 2, 4, 8, 16, 32, 64]) {
  const trials: Trial[] = []
  const tryOut = (n: number) => trials.push({ n, holds: holds(n, trials.length) })
  for (const n of ramp) {
    tryOut(n)
    if (trials.at(-1)?.holds === false) break
  }
  for (let n = nextTrial(trials); n !== null && trials.length < 100; n = nextTrial(trials)) tryOut(n)
  return { capacity: capacityOf(trials), trials: trials.length }
}

describe('a limit that is sharp', () => {
  it.each([0, 1, 2, 3, 7, 8, 13, 33, 50, 63])('at %i is found to within a tenth', (limit) => {
    const { capacity, trials } = search((n) => n <= limit)
    expect(capacity).toBeLessThanOrEqual(limit)
    expect(capacity).toBeGreaterThanOrEqual(Math.floor(limit / 1.1) - 1)
    expect(trials).toBeLessThanOrEqual(14)
  })
})

it('that nothing fails: no more trials, and the largest one', () => {
  expect(search(() => true)).toEqual({ capacity: 64, trials: 7 })
})

it('a single bad moment in the ramp does not cost the capacity', () => {
  // The fourth measurement, at 8, fails once; 40 is the limit. The ramp ended there, so 8 is the most that is known.
  const { capacity } = search((n, trial) => trial !== 3 && n <= 40, [1, 2, 4, 8])
  expect(capacity).toBeGreaterThanOrEqual(7)
})

it('ends where trials at one number keep differing', () => {
  expect(search((n, trial) => n < 30 || (n < 34 && trial % 2 === 0)).trials).toBeLessThan(30)
})
