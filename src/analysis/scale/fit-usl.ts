import { leastSquares, matrices } from '../../regression.ts'
import type { Ratio } from '../../units.ts'
import { criticalT } from '../student-t.ts'
import { type Coefficients, gradientAt, type Interval, peakOf, throughputAt, type UslFit } from './usl.ts'

/** Throughput measured at a concurrency. */
export interface Observation {
  n: number
  perSecond: number
}

const PARAMETERS = 3
/** A plain start: the scaled parameters are all of the order of 1. */
const START = [1, 1, 1]
const ITERATIONS = 200
/** Of each of three intervals that hold together with 95 %, by Bonferroni. */
const ALPHA: Ratio = 0.05 / 3

/**
 * Fits the law by least squares, σ and κ at or above 0; null from fewer than four different concurrencies, which leave no error to
 * judge the fit by. Throughput is measured with an error in proportion to itself, so the residuals are relative; `absolute` ones
 * are what most publications use. Intervals are from the covariance at the optimum.
 */
export function fitUsl(points: readonly Observation[], residuals: 'relative' | 'absolute' = 'relative'): UslFit | null {
  const measured = points.filter(({ n, perSecond }) => n >= 1 && perSecond > 0)
  if (new Set(measured.map(({ n }) => n)).size <= PARAMETERS) return null
  const largest = Math.max(...measured.map(({ n }) => n))
  const fastest = Math.max(...measured.map(({ n, perSecond }) => perSecond / n))
  const highest = Math.max(...measured.map(({ perSecond }) => perSecond))
  const scales = [fastest, 1 / largest, 1 / largest ** 2] as const
  const unscale = (p: readonly number[]): Coefficients => ({
    lambda: (p[0] ?? 0) * scales[0],
    sigma: (p[1] ?? 0) * scales[1],
    kappa: (p[2] ?? 0) * scales[2],
  })
  const unit = ({ perSecond }: Observation) => (residuals === 'relative' ? perSecond : highest)
  const at = (i: number): Observation => measured[i] ?? { n: 1, perSecond: 1 }

  const { parameterValues } = leastSquares().levenbergMarquardt(
    { x: measured.map((_, i) => i), y: measured.map((point) => point.perSecond / unit(point)) },
    (p) => (i) => throughputAt(unscale(p), at(i).n) / unit(at(i)),
    {
      initialValues: START,
      minValues: [1e-9, 0, 0],
      maxValues: [1e3, 1e9, 1e9],
      maxIterations: ITERATIONS,
      errorTolerance: 1e-12,
      jacobianFunction: (p) => (i) =>
        gradientAt(unscale(p), at(i).n).map((slope, of) => (slope * (scales[of] ?? 1)) / unit(at(i))),
    },
  )
  const found = unscale(parameterValues)
  const errors = measured.map((point) => (point.perSecond - throughputAt(found, point.n)) / unit(point))
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0)
  const freedom = measured.length - PARAMETERS
  const { inverse, Matrix } = matrices()
  const jacobian = new Matrix(
    measured.map((point) => gradientAt(found, point.n).map((slope, of) => (slope * (scales[of] ?? 1)) / unit(point))),
  )
  const covariance = inverse(jacobian.transpose().mmul(jacobian))
  const half = (of: number) =>
    criticalT(freedom, ALPHA) * Math.sqrt((Math.max(0, covariance.get(of, of)) * squares) / freedom) * (scales[of] ?? 1)
  const around = (value: number, of: number): Interval => [Math.max(0, value - half(of)), value + half(of)]
  return {
    ...found,
    peak: peakOf(found),
    intervals: { lambda: around(found.lambda, 0), sigma: around(found.sigma, 1), kappa: around(found.kappa, 2) },
    r2: determination(measured, found),
  }
}

/** Share of the throughput's variance that the law explains. */
function determination(points: readonly Observation[], found: Coefficients): Ratio {
  const mean = points.reduce((sum, { perSecond }) => sum + perSecond, 0) / points.length
  const left = points.reduce((sum, { n, perSecond }) => sum + (perSecond - throughputAt(found, n)) ** 2, 0)
  const all = points.reduce((sum, { perSecond }) => sum + (perSecond - mean) ** 2, 0)
  return all > 0 ? 1 - left / all : 1
}
