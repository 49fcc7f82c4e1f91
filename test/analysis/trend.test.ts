import { describe, expect, it } from 'vitest'
import { trendOf } from '../../src/analysis/trend.ts'

const points = (...values: number[]) => values.map((value, i): [number, number] => [i * 500, value])

describe('trend', () => {
  it.each([
    ['a straight line', points(1, 2, 3, 4), { perSecond: 2, r2: 1 }],
    ['a constant', points(5, 5, 5, 5), { perSecond: 0, r2: 0 }],
    ['a fall', points(8, 6, 4, 2), { perSecond: -4, r2: 1 }],
  ])('%s', (_, series, expected) => {
    expect(trendOf(series)).toEqual(expected)
  })

  it('is not moved by a burst', () => {
    expect(trendOf(points(1, 2, 3, 400, 5, 6, 7, 8, 9))?.perSecond).toBe(2)
  })

  it('of two points is none', () => {
    expect(trendOf(points(1, 2))).toBeNull()
  })

  it('of many points is that of some', () => {
    expect(trendOf(points(...Array.from({ length: 3000 }, (_, i) => 3 * i)))).toEqual({ perSecond: 6, r2: 1 })
  })
})
