import type { Report } from '../report/model.ts'
import { createPage } from '../report/terminal/page.ts'
import { table } from '../report/terminal/table.ts'
import { formatBytes, formatMs, formatNumber } from '../units.ts'
import { terminalOf } from './show-report.ts'

/** What the article reports of its change from a thread per query to Tokio, and where holdup measures the same. */
const ROWS: readonly [what: string, before: string, after: string, read: (signals: Report['signals']) => string][] = [
  ['latency deviation', '230 ms', '137 ms', ({ http }) => (http ? formatMs(http.latencyMs.stddev) : '–')],
  ['memory', '6 GB', '3.5 GB', ({ memory }) => (memory ? formatBytes(memory.rssPeakBytes) : '–')],
  ['CPU', '80 %', '35 %', ({ cpu }) => (cpu ? `${formatNumber((100 * cpu.cores) / cpu.available)} %` : '–')],
  ['requests served', '5,000', '10,000', ({ http }) => (http ? `${formatNumber(http.perSecond)} /s` : '–')],
]

/** The article's table beside what was measured here of its second and its third design. */
export function besideTheArticle(reports: readonly Report[]): string {
  const [, before, after] = reports
  if (!before || !after) return ''
  const page = createPage(terminalOf(process.stdout))
  const rows = ROWS.map(([what, ...article]) => {
    const [from, to, read] = article
    return [what, from, to, read(before.signals), read(after.signals)]
  })
  const head = ['', 'article', 'Tokio', 'here', 'Tokio']
  return [
    page.ink.bold('From a thread per query to Tokio, in the article and here'),
    ...table(page, head, rows, [0]),
    page.ink.dim(
      'The article counts concurrent requests; here the clients are the same and the requests a second differ.',
    ),
    '',
  ].join('\n')
}
