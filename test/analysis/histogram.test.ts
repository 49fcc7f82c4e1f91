import { describe, expect, it } from 'vitest'
import { mergeHistograms, quantile, quantiles } from '../../src/analysis/histogram.ts'

describe('histograms', () => {
  it('merge by value, ascending', () => {
    expect(
      mergeHistograms([
        [
          [5, 1],
          [1, 2],
        ],
        [[5, 3]],
      ]),
    ).toEqual([
      [1, 2],
      [5, 4],
    ])
  })

  it.each([
    [0.5, 1],
    [0.9, 1],
    [0.91, 2],
    [0.99, 2],
    [1, 300],
  ])('quantile %d by nearest rank', (share, value) => {
    expect(
      quantile(
        [
          [1, 90],
          [2, 9],
          [300, 1],
        ],
        share,
      ),
    ).toBe(value)
  })

  it('an exact maximum bounds every quantile', () => {
    expect(quantiles([[10.1, 4]], 10)).toEqual({ p50: 10, p90: 10, p99: 10, max: 10 })
    expect(quantiles([])).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 })
  })
})
