import { medianCell, verdictText } from '../compare/set-cells.ts'
import { compareSets, type ReportSet, type SetRow } from '../compare/sets.ts'
import { createPage, wrap } from '../report/terminal/page.ts'
import { table } from '../report/terminal/table.ts'
import { terminalOf } from './show-report.ts'

/** What the article reports of its last change, and the row of a comparison that measures it. */
const ROWS: readonly { what: string; before: string; after: string; row: string; sign: 1 | -1 }[] = [
  { what: 'latency deviation', before: '230 ms', after: '137 ms', row: 'latency-stddev', sign: -1 },
  { what: 'memory', before: '6 GB', after: '3.5 GB', row: 'memory-peak', sign: -1 },
  { what: 'CPU', before: '80 %', after: '35 %', row: 'cpu-cores', sign: -1 },
  { what: 'CPU a request', before: '–', after: '–', row: 'cpu-per-request', sign: -1 },
  { what: 'concurrent requests', before: '5,000', after: '10,000', row: 'capacity', sign: 1 },
]
const NOTE =
  'Each client here sends its next request when the last is answered, so a design that answers sooner is asked for more, and uses more CPU: per request tells them apart.'

/** The article's table with what was measured here, and of each row whether its direction held. */
export function articleHeld(before: ReportSet, after: ReportSet): string {
  const page = createPage(terminalOf(process.stdout))
  const { rows, caveat } = compareSets(before, after)
  const cells = ROWS.flatMap(({ what, before, after, row: id, sign }) => {
    const row = rows.find((each) => each.id === id)
    if (!row) return []
    const here = [medianCell(row.before, row.unit), medianCell(row.after, row.unit)]
    return [[what, before, after, ...here, held(row, sign)]]
  })
  return [
    page.ink.bold(`From ${before.name} to ${after.name}: the article's direction`),
    ...table(page, ['', 'article', '', 'here', '', 'held?'], cells, [0, 5]),
    '',
    ...wrap(`${NOTE} ${caveat}`, page.columns).map((line) => page.ink.dim(line)),
    '',
  ].join('\n')
}

/** `yes, −73 % (−80…−66 %)`, `no, …`, or why it cannot be said. */
function held(row: SetRow, sign: 1 | -1): string {
  if (row.verdict === 'no difference' || row.verdict === 'too few runs') return verdictText(row)
  const same = Math.sign(row.change?.change ?? 0) === sign
  return `${same ? 'yes' : 'no'}, ${verdictText(row).replace(/^\S+ /, '')}`
}
