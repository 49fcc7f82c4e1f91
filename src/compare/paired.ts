/** What pairs of runs say of a change. */
import type { Ratio } from '../units.ts'
import { criticalT } from '../analysis/student-t.ts'

/** One measure of the two runs of a pair. */
export type Pair = readonly [before: number, after: number]

/** A change with its interval; `low` to `high` holds the true one but for `alpha`. */
export interface PairedChange {
  /** `ratio`: 0.1 is a tenth more; `difference`, in the unit of the measure, where a value was 0 or below. */
  of: 'ratio' | 'difference'
  change: number
  low: number
  high: number
}

/**
 * The change from the first of each pair to the second: the geometric mean of the ratios (of differences the mean) with
 * Student's t interval over the pairs.
 *
 * Two runs of one program are exchangeable, so that the logarithm of their ratio is symmetric around 0, whatever their
 * distribution; pairs on a noisy machine differ in their spread. For independent values that are normal with whatever
 * variance each, or mixtures of these (heavy tails), the t test holds its level at 8.3 % and under: Bakirov and Székely,
 * Student's t-test for Gaussian scale mixtures (2005); Ibragimov and Müller, t-Statistic Based Correlation and
 * Heterogeneity Robust Inference, JBES 28 (2010). The percentile bootstrap of the median of 7 pairs
 * has as its 95 % interval the second smallest to the second largest ratio, which misses the truth in 12.5 %, and nothing made of
 * order or signs reaches what a correction over 20 rows needs: of 7 signs the rarest outcome has 1.6 %.
 */
export function pairedChange(pairs: readonly Pair[], alpha: Ratio): PairedChange {
  const ratio = pairs.every(([before, after]) => before > 0 && after > 0)
  const steps = pairs.map(([before, after]) => (ratio ? Math.log(after / before) : after - before))
  const { mean, error } = meanOf(steps)
  const reach = error === 0 ? 0 : criticalT(steps.length - 1, alpha) * error
  const back = (step: number) => (ratio ? Math.exp(step) - 1 : step)
  return { of: ratio ? 'ratio' : 'difference', change: back(mean), low: back(mean - reach), high: back(mean + reach) }
}

/** Mean and standard error. */
function meanOf(values: readonly number[]): { mean: number; error: number } {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, error: n < 2 ? Infinity : Math.sqrt(squares / (n - 1) / n) }
}
