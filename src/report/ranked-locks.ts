/** Locks in the order in which a reader should look at them. */
import type { Report } from './model.ts'

/** A row of the report's lock table. */
export type ReportLock = Report['locks'][number]

const ROLES: Record<ReportLock['role'], number> = { lock: 0, unclassified: 1, idle: 2 }

/** Contended locks first, then what could not be told apart, idle waits last; most wait first within each. */
export function rankedLocks(report: Report): ReportLock[] {
  return report.locks.toSorted((a, b) => ROLES[a.role] - ROLES[b.role] || b.waitSeconds - a.waitSeconds)
}
