import { describe, expect, it } from 'vitest'
import { counterOf, growth, level, sumLevels, valueAt } from '../../src/analysis/counters.ts'

describe('counters', () => {
  const counter = counterOf([
    [0, 0],
    [100, 10],
    [200, 40],
  ])

  it.each([
    [-5, 0],
    [0, 0],
    [50, 5],
    [100, 10],
    [150, 25],
    [999, 40],
  ])('value at %d', (t, value) => {
    expect(valueAt(counter, t)).toBe(value)
  })

  it('grow over a window', () => {
    expect(growth(counter, [50, 150])).toBe(20)
    expect(growth(counterOf([]), [0, 1])).toBe(0)
  })
})

describe('levels', () => {
  it('mean and peak', () => {
    expect(
      level([
        [0, 1],
        [1, 3],
      ]),
    ).toEqual({ mean: 2, peak: 3 })
  })

  it('of several owners add up, and one that is gone stops counting', () => {
    const readings = [0, 250, 500, 750, 1000, 1250, 1500, 1750].flatMap((t) => [
      { t, owner: 1, value: 10 },
      ...(t === 0 ? [{ t, owner: 2, value: 5 }] : []),
    ])
    const sums = sumLevels(readings, 250).map(([, sum]) => sum)
    expect(sums[0]).toBe(15)
    expect(sums.at(-1)).toBe(10)
  })

  it('one whose end was seen counts to the step of its end', () => {
    const readings = [0, 250, 500, 750, 1000].flatMap((t) => [
      { t, owner: 1, value: 10 },
      ...(t === 0 ? [{ t, owner: 2, value: 5 }] : []),
      ...(t === 250 ? [{ t: 300, owner: 2, value: null }] : []),
    ])
    expect(sumLevels(readings, 250).map(([, sum]) => sum)).toEqual([15, 15, 10, 10, 10])
  })
})
