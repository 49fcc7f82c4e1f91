/**
 * The Universal Scalability Law (N. J. Gunther, Guerrilla Capacity Planning, 2007): throughput at concurrency N is
 * X(N) = λN / (1 + σ(N−1) + κN(N−1)). λ: what one does alone; σ: contention, the share that goes one at a time (with κ = 0
 * Amdahl's law); κ: crosstalk, what each pair costs, which makes throughput fall.
 */
import type { PerSecond, Ratio } from '../../units.ts'

/** The three coefficients. */
export interface Coefficients {
  lambda: PerSecond
  sigma: Ratio
  kappa: Ratio
}

export type Interval = [low: number, high: number]

/** The law as it was fitted to measurements. */
export interface UslFit extends Coefficients {
  /** See `peakOf`. */
  peak: number | null
  /** Of 95 % for the three together; σ and κ are never below 0. */
  intervals: { lambda: Interval; sigma: Interval; kappa: Interval }
  r2: Ratio
}

/** Throughput at `n`. */
export function throughputAt({ lambda, sigma, kappa }: Coefficients, n: number): PerSecond {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1))
}

/** Its partial derivatives by λ, σ and κ. */
export function gradientAt({ lambda, sigma, kappa }: Coefficients, n: number): [number, number, number] {
  const denominator = 1 + sigma * (n - 1) + kappa * n * (n - 1)
  const slope = (-lambda * n * (n - 1)) / denominator ** 2
  return [n / denominator, slope, slope * n]
}

/** Where throughput is highest, √((1−σ)/κ); null where it never falls (κ = 0), 1 where it only falls (σ ≥ 1). */
export function peakOf({ sigma, kappa }: Coefficients): number | null {
  if (kappa <= 0) return null
  return Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa))
}
