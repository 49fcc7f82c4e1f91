/** The one home of severity: what removing a fault would buy, or the limits of the thresholds where nobody can tell. */
import type { MeasuredSignals } from '../analysis/signals.ts'
import type { Finding, Severity } from './detector.ts'
import { boundByCores, CRITICAL, gainWithout, WARNING } from './gain.ts'

/** Today's p99 latency, of that without the fault: critical. */
const CRITICAL_P99 = 2

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

/** A finding with what its removal would buy, and the severity that follows; as it was where that can't be told. */
export function weighed(given: Finding, signals: MeasuredSignals): Finding {
  const { spinning: _, areAll: __, ...finding } = given
  const gain = gainWithout(given, signals)
  if (!gain) {
    // How much it would buy nobody can say then, but whether it could buy anything.
    const bound = boundByCores(given, signals)
    return bound && bound.throughput < WARNING
      ? { ...finding, severity: 'info', evidence: [...finding.evidence, ...bound.inputs] }
      : finding
  }
  const isCritical = gain.throughput >= CRITICAL || (gain.p99 ?? 0) >= CRITICAL_P99
  return {
    ...finding,
    severity: isCritical ? 'critical' : gain.throughput >= WARNING ? 'warning' : 'info',
    cost: { ...finding.cost, gain: gain.throughput },
    evidence: [...finding.evidence, ...gain.inputs],
  }
}
