import { describe, expect, test } from 'vitest'
import { fisherExact } from '../../src/compare/fisher.ts'
import { pairedChange } from '../../src/compare/paired.ts'
import { criticalT } from '../../src/analysis/student-t.ts'

// Two-sided critical values of the usual tables (NIST/SEMATECH e-Handbook, 1.3.6.7.2).
test.each([
  [1, 0.05, 12.706],
  [2, 0.05, 4.303],
  [4, 0.01, 4.604],
  [5, 0.002, 5.893],
  [6, 0.05, 2.447],
  [6, 0.002, 5.208],
  [9, 0.1, 1.833],
  [30, 0.05, 2.042],
])('t with %d degrees of freedom exceeds with %d: %d', (df, alpha, t) => {
  expect(criticalT(df, alpha)).toBeCloseTo(t, 3)
})

// Fisher's tea: 3 of 4 against 1 of 4 has 0.486 (Agresti, Categorical Data Analysis, 3.5.2).
test.each([
  [3, 4, 1, 4, 0.4857],
  [7, 7, 0, 7, 2 / 3432],
  [5, 5, 0, 5, 2 / 252],
  [7, 7, 7, 7, 1],
  [0, 7, 0, 7, 1],
])('%d of %d against %d of %d: p = %d', (a, n, b, m, p) => {
  expect(fisherExact(a, n, b, m)).toBeCloseTo(p, 4)
})

describe('the change of pairs', () => {
  test('is the geometric mean of the ratios, the same both ways', () => {
    const pairs = [1.1, 1.2, 1.05, 1.15, 1.1].map((ratio, i) => [10 + i, (10 + i) * ratio] as const)
    const there = pairedChange(pairs, 0.05)
    const back = pairedChange(
      pairs.map(([a, b]) => [b, a]),
      0.05,
    )
    expect(there.of).toBe('ratio')
    expect(there.low).toBeLessThan(there.change)
    expect(there.change).toBeLessThan(there.high)
    expect((1 + there.change) * (1 + back.change)).toBeCloseTo(1, 10)
    expect((1 + there.low) * (1 + back.high)).toBeCloseTo(1, 10)
  })

  test('is a difference where a value is 0', () => {
    const change = pairedChange(
      [
        [14, 0],
        [15, 0],
        [16, 0],
      ],
      0.05,
    )
    expect(change).toMatchObject({ of: 'difference', change: -15 })
    expect(change.high).toBeLessThan(0)
  })

  test('of equal pairs is nothing, surely', () => {
    const change = pairedChange(
      [
        [27, 27],
        [31, 31],
      ],
      0.001,
    )
    expect(change).toEqual({ of: 'ratio', change: 0, low: 0, high: 0 })
  })
})
