import { expect, test } from 'vitest'
import { bootstrapMedian, median } from '../../bench/lib/bootstrap.ts'

test.each([
  [[3], 3],
  [[2, 1], 1.5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})

test('there is no median of nothing', () => {
  expect(median([])).toBeNaN()
})

test('equal values leave nothing open', () => {
  expect(bootstrapMedian([[1.1], [1.1, 1.1]])).toEqual({ median: 1.1, low: 1.1, high: 1.1 })
})

test('the same values give the same interval, around the median', () => {
  const values = [0.97, 1.02, 1.01, 0.99, 1.05, 1.0, 0.98, 1.03]
  const interval = bootstrapMedian([values])
  expect(bootstrapMedian([values])).toEqual(interval)
  expect(interval.low).toBeLessThan(interval.median)
  expect(interval.high).toBeGreaterThan(interval.median)
  expect(interval.low).toBeGreaterThanOrEqual(Math.min(...values))
  expect(interval.high).toBeLessThanOrEqual(Math.max(...values))
})

test('the interval holds the true median in about 95 of 100 experiments', () => {
  // Uniform on 0 to 1 by a linear congruential generator: the true median is 0.5.
  let state = 1
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647
  const holds = Array.from({ length: 100 }, () => {
    const { low, high } = bootstrapMedian([Array.from({ length: 30 }, uniform)])
    return low <= 0.5 && 0.5 <= high
  })
  expect(holds.filter(Boolean).length / 100).toBeGreaterThan(0.9)
})

test('groups that differ leave more open than the same values in one group', () => {
  const groups = [
    [0.98, 0.99, 0.98, 0.97],
    [1.0, 1.01, 1.0, 0.99],
    [1.03, 1.02, 1.03, 1.04],
  ]
  const width = ({ low, high }: { low: number; high: number }) => high - low
  expect(width(bootstrapMedian(groups))).toBeGreaterThan(width(bootstrapMedian([groups.flat()])))
})
