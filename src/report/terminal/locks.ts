/** The locks that were waited for; waits for work are marked idle, never mixed with contention. */
import { formatMs, formatNumber } from '../../units.ts'
import { rankedLocks } from '../ranked-locks.ts'
import type { Report } from '../model.ts'
import { fit, type Page } from './page.ts'
import { table } from './table.ts'

const ROWS = 5
const HEAD = ['', 'waited for', 'role', 'held up', 'waits', 'p99', 'held']

/** Lines of the table, empty when nothing was waited for. */
export function lockLines(page: Page, report: Report): string[] {
  const locks = rankedLocks(report)
  if (locks.length === 0) return []
  const rows = locks.slice(0, ROWS).map(({ id, role, name, heldUp, waits, waitMs, holdPerSecond }) => {
    const row = [
      fit(id, 4),
      '',
      role,
      formatNumber(heldUp),
      formatNumber(waits),
      formatMs(waitMs.p99),
      holdPerSecond === null ? '–' : `${formatNumber(holdPerSecond)} s/s`,
    ]
    return { role, name, row }
  })
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map(({ row }) => row[column]?.length ?? 0)))
  const others = widths.reduce((sum, width, column) => (column === 1 ? sum : sum + width), 0)
  const room = page.columns - others - 2 * HEAD.length
  const cells = rows.map(({ role, name, row }) => {
    const shown = row.with(1, fit(name, Math.max(12, room)))
    return role === 'lock' ? shown : shown.map((cell) => page.ink.dim(cell))
  })
  const rest = locks.length - ROWS
  return [
    page.ink.bold('Locks') + page.ink.dim(', most waited for first (idle: waits for work, no contention)'),
    ...table(page, HEAD, cells, [0, 1, 2]),
    ...(rest > 0 ? [page.ink.dim(`  and ${rest} more in the HTML report`)] : []),
  ]
}
