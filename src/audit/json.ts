/** An audit as JSON, for programs. */
import { rankedFindings } from '../report/ranked-findings.ts'
import { type Audit, isBroken } from './judge.ts'

/** What `holdup audit --json` prints; values are in the unit of the report's number, null where they were not measured. */
export function auditJson(audit: Audit): object {
  return {
    schema: 'holdup-audit/1',
    held: !isBroken(audit),
    scenarios: audit.scenarios.map(({ name, command, runs, results, folder, notes }) => ({
      name,
      command,
      runs: runs.length,
      report: `${folder}/report.json`,
      budgets: results.map(({ budget, value, limit, status, near }) => ({
        budget: budget.text,
        value,
        limit,
        status,
        near,
      })),
      findings: rankedFindings(runs.at(-1)?.results ?? []).map(({ id, severity, summary }) => ({
        id,
        severity,
        summary,
      })),
      notes,
    })),
  }
}
