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

/** True for a finding that a reader must act on: warning or over. */
export function isFault(finding: Pick<RankedFinding, 'severity'>): boolean {
  return finding.severity !== 'info'
}
