/**
 * The one home of severity. Today the limits of the thresholds decide; once there is a model of what removing a fault
 * would buy, it takes their place here.
 */
import type { Severity } from './detector.ts'

/** From harmless to harmful. */
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical']

/** Severity of a value held against its limits; null under both. */
export function severityAt(value: number, warning: number, critical: number): 'warning' | 'critical' | null {
  if (value >= critical) return 'critical'
  return value >= warning ? 'warning' : null
}

/** The most severe of several; null when all are null. */
export function worstOf(...severities: (Severity | null)[]): Severity | null {
  return severities.filter((severity) => severity !== null).toSorted(bySeverity)[0] ?? null
}

/** Negative when `a` is the more severe. */
export function bySeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(b) - SEVERITIES.indexOf(a)
}
