import { describe, expect, it } from 'vitest'
import { fitUsl } from '../../../src/analysis/scale/fit-usl.ts'
import type { UslFit } from '../../../src/analysis/scale/usl.ts'
import { peakOf, throughputAt } from '../../../src/analysis/scale/usl.ts'

const NOISE = 0.05
/** What `holdup scale --rounds 3` measures. */
const STEPS = [1, 2, 4, 8, 16, 32, 64, 128].flatMap((n) => [n, n, n])

/** Numbers of 0 to 1 by a seed (mulberry32). */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Of the normal distribution (Box–Muller). */
function gauss(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

function fitNoisy(truth: { lambda: number; sigma: number; kappa: number }, seed: number): UslFit {
  const next = random(seed)
  const fit = fitUsl(STEPS.map((n) => ({ n, perSecond: throughputAt(truth, n) * (1 + NOISE * gauss(next)) })))
  if (!fit) throw new Error('not fitted')
  return fit
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity

describe.each([
  { lambda: 100, sigma: 0.05, kappa: 0.0005 },
  { lambda: 4000, sigma: 0.2, kappa: 0.002 },
])('λ $lambda, σ $sigma, κ $kappa with 5 % noise, seeds 1 to 100', (truth) => {
  const fits = Array.from({ length: 100 }, (_, i) => fitNoisy(truth, i + 1))

  it.each(['sigma', 'kappa'] as const)('%s lies in its interval in 95 or more, and that is narrow', (of) => {
    const inside = fits.filter(({ intervals }) => intervals[of][0] <= truth[of] && truth[of] <= intervals[of][1])
    expect(inside.length).toBeGreaterThanOrEqual(95)
    const halfWidths = fits.map(({ intervals }) => (intervals[of][1] - intervals[of][0]) / 2 / truth[of])
    expect(median(halfWidths)).toBeLessThanOrEqual(0.25)
  })

  it('the peak is near the true one', () => {
    const peaks = fits.map(({ peak }) => peak ?? Infinity)
    expect(median(peaks) / (peakOf(truth) ?? 0)).toBeCloseTo(1, 1)
  })
})

describe('published data', () => {
  it('the Cisco load balancer of B. Schwartz, Practical Scalability Analysis with the Universal Scalability Law (2015)', () => {
    const throughput = [
      955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
      9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806.0, 12089.37, 12075.41,
      12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
    ]
    const fit = fitUsl(
      throughput.map((perSecond, i) => ({ n: i + 1, perSecond })),
      'absolute',
    )
    expect(fit?.lambda).toBeCloseTo(995.6486, 2)
    expect(fit?.sigma).toBeCloseTo(0.02671591, 6)
    expect(fit?.kappa).toBeCloseTo(7.690945e-4, 8)
  })

  it('the SPEC SDM91 results of N. J. Gunther, Guerrilla Capacity Planning (2007), as fitted by the R package usl', () => {
    const measured = [
      [1, 64.9],
      [18, 995.9],
      [36, 1652.4],
      [72, 1853.2],
      [108, 1828.9],
      [144, 1775.0],
      [216, 1702.2],
    ] as const
    const fit = fitUsl(
      measured.map(([n, perSecond]) => ({ n, perSecond })),
      'absolute',
    )
    expect(fit?.sigma).toBeCloseTo(0.0277285, 6)
    expect(fit?.kappa).toBeCloseTo(0.0001044, 6)
    expect(fit?.lambda).toBeCloseTo(89.995, 2)
  })
})

describe('at the edges', () => {
  const exact = (truth: Parameters<typeof throughputAt>[0], ns = [1, 2, 4, 8, 16, 32]) =>
    fitUsl(ns.map((n) => ({ n, perSecond: throughputAt(truth, n) })))

  it.each([
    ['a service that scales without limit', { lambda: 40, sigma: 0, kappa: 0 }],
    ['one that does one at a time', { lambda: 170, sigma: 1, kappa: 0 }],
    ['one that only falls', { lambda: 900, sigma: 0.9, kappa: 0.05 }],
    ['throughput in millions', { lambda: 3e6, sigma: 0.01, kappa: 1e-5 }],
  ])('%s comes out as it is', (_, truth) => {
    const fit = exact(truth)
    expect((fit?.lambda ?? 0) / truth.lambda).toBeCloseTo(1, 6)
    expect(fit?.sigma).toBeCloseTo(truth.sigma, 5)
    expect(fit?.kappa).toBeCloseTo(truth.kappa, 6)
    expect(fit?.r2).toBeGreaterThan(0.999)
  })

  it('σ and κ are never negative, however much faster many are than one', () => {
    const fit = fitUsl([1, 2, 4, 8, 16].map((n) => ({ n, perSecond: 10 * n ** 1.3 })))
    expect(fit?.sigma).toBe(0)
    expect(fit?.kappa).toBe(0)
    expect(fit?.peak).toBeNull()
    expect(fit?.intervals.sigma[0]).toBe(0)
  })

  it.each([
    ['three numbers of connections', [1, 2, 4, 4, 2, 1].map((n) => ({ n, perSecond: n }))],
    ['nothing answered', [1, 2, 4, 8].map((n) => ({ n, perSecond: 0 }))],
    ['nothing', []],
  ])('%s: no fit', (_, points) => {
    expect(fitUsl(points)).toBeNull()
  })
})
