/** The locks that were waited for; waits for work are marked idle, never mixed with contention. */
import { formatMs, formatNumber } from '../../units.ts'
import type { Report } from '../model.ts'
import { rankedLocks } from '../ranked-locks.ts'
import { fit, type Page } from './page.ts'
import { table } from './table.ts'

const ROWS = 5
const HEAD = ['', 'role', 'held up', 'waits', 'p50', 'p99', 'longest', 'held']
const INDENT = 6

/** Lines of the table, each lock's name under its figures; empty when nothing was waited for. */
export function lockLines(page: Page, report: Report): string[] {
  const locks = rankedLocks(report)
  if (locks.length === 0) return []
  const shown = locks.slice(0, ROWS)
  const rows = shown.map(({ id, role, heldUp, waits, waitMs, holdPerSecond }) => {
    const cells = [
      fit(id, 4),
      role,
      formatNumber(heldUp),
      waits === null ? '–' : formatNumber(waits),
      ...(waitMs ? [waitMs.p50, waitMs.p99, waitMs.max].map(formatMs) : ['–', '–', '–']),
      holdPerSecond === null ? '–' : `${formatNumber(holdPerSecond)} s/s`,
    ]
    return role === 'lock' ? cells : cells.map((cell) => page.ink.dim(cell))
  })
  const [head = '', ...lines] = table(page, HEAD, rows, [0, 1])
  const named = shown.flatMap(({ name }, index) => [
    lines[index] ?? '',
    page.ink.dim(`${' '.repeat(INDENT)}${fit(name, page.columns - INDENT)}`),
  ])
  const rest = locks.length - ROWS
  return [
    page.ink.bold('Locks') + page.ink.dim(', most waited for first (idle: waits for work, no contention)'),
    head,
    ...named,
    ...(rest > 0 ? [page.ink.dim(`  and ${rest} more in the HTML report`)] : []),
  ]
}
