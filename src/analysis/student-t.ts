/** Student's t distribution with whole degrees of freedom. */
import type { Ratio } from '../units.ts'

/** Halvings of an angle below π/2: the last one is under what a double can tell. */
const BISECTIONS = 60

/**
 * P(|T| ≤ tan θ · √df), a finite series in the angle θ: Abramowitz and Stegun, Handbook of Mathematical Functions,
 * 26.7.3 (odd df) and 26.7.4 (even).
 */
function within(theta: number, df: number): Ratio {
  const odd = df % 2 === 1
  const cos = Math.cos(theta)
  let term = odd ? cos : 1
  let sum = df === 1 ? 0 : term
  for (let power = odd ? 3 : 2; power <= df - 2; power += 2) {
    term *= (cos * cos * (power - 1)) / power
    sum += term
  }
  return odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum
}

/** The t that |T| exceeds with probability `alpha`, 0 < alpha < 1; `df` is a whole number from 1. */
export function criticalT(df: number, alpha: Ratio): number {
  let low = 0
  let high = Math.PI / 2
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2
    if (within(middle, df) < 1 - alpha) low = middle
    else high = middle
  }
  return Math.tan((low + high) / 2) * Math.sqrt(df)
}
