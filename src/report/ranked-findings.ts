/** Findings in the order in which a reader should look at them. */
import type { ReportFinding, ReportResult } from './model.ts'

/** A finding with the detector that made it. */
export interface RankedFinding extends ReportFinding {
  id: string
  title: string
}

const rank = (finding: RankedFinding): number => Number(finding.handle.slice(1))

/** All findings, by their handles: F1 first. */
export function rankedFindings(results: readonly ReportResult[]): RankedFinding[] {
  return results
    .flatMap(({ id, title, findings }) => findings.map((finding) => ({ ...finding, id, title })))
    .toSorted((a, b) => rank(a) - rank(b))
}

/** Whether a detector came to a verdict of its own: not one that lacked something, or whose finding another one explains. */
export function isJudged(result: Pick<ReportResult, 'status'> | undefined): boolean {
  return result?.status === 'found' || result?.status === 'clean'
}

/** The worst severity among findings, null when there are none. */
export function worstSeverity(findings: readonly Pick<RankedFinding, 'severity'>[]): RankedFinding['severity'] | null {
  const order = ['critical', 'warning', 'info'] as const
  return order.find((severity) => findings.some((finding) => finding.severity === severity)) ?? null
}

/** True for a finding that a reader must act on: warning or over. */
export function isFault(finding: Pick<RankedFinding, 'severity'>): boolean {
  return finding.severity !== 'info'
}
