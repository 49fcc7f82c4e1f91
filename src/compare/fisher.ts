/** Fisher's exact test of two shares. */
import type { Ratio } from '../units.ts'

/** Equal probabilities computed by two ways differ by this. */
const ROUNDING = 1 + 1e-9

/**
 * The two-sided p-value that `a` of `n` and `b` of `m` come from one share: the sum of all tables with the same totals
 * that are no likelier than this one (Agresti, Categorical Data Analysis, 3.5).
 */
export function fisherExact(a: number, n: number, b: number, m: number): Ratio {
  const hits = a + b
  const probability = (k: number) => Math.exp(logChoose(n, k) + logChoose(m, hits - k) - logChoose(n + m, hits))
  const seen = probability(a) * ROUNDING
  let p = 0
  for (let k = Math.max(0, hits - m); k <= Math.min(n, hits); k++) if (probability(k) <= seen) p += probability(k)
  return Math.min(1, p)
}

function logChoose(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i)
  return sum
}
