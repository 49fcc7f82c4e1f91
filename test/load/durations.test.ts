import { expect, test } from 'vitest'
import { Durations } from '../../src/load/durations.ts'

const taken = (durations: Durations, ...ms: number[]) => {
  for (const each of ms) durations.add(each)
  return durations.take()
}

test('each take holds what came since the one before, though it be the same', () => {
  const durations = new Durations()
  for (const given of [[1000], [1000], [1000, 2000], [2000], [2000, 2000, 3000], []]) {
    const found = taken(durations, ...given)
    expect(found.reduce((sum, [, count]) => sum + count, 0)).toBe(given.length)
    expect(found.map(([ms]) => ms)).toEqual([...new Set<number>(given)].map((ms) => expect.closeTo(ms, -1)))
  }
})

test('in milliseconds to three digits, ascending, counted apart', () => {
  expect(taken(new Durations(), 123.4, 0.05, 0.05)).toEqual([
    [0.05, 2],
    [expect.closeTo(123.4, 0), 1],
  ])
})

test('the longest kept apart is 1,000 s', () => {
  expect(taken(new Durations(), 1e9)).toEqual([[expect.closeTo(1e6, -4), 1]])
})
