/** A comparison of two sets for a terminal. */
import { createPage, fit, wrap, type Page } from '../report/terminal/page.ts'
import { table } from '../report/terminal/table.ts'
import { medianCell, shareText, verdictText } from './set-cells.ts'
import type { SetFinding } from './set-findings.ts'
import type { SetComparison, SetRow } from './sets.ts'

const LABEL = 21
const NAME = 11
const SHARE = 16

/** The comparison as text of at most 80 columns, ending in a line break. */
export function renderSetTerminal(comparison: SetComparison, options: { colour: boolean; columns: number }): string {
  const page = createPage(options)
  const { before, after, rows, findings, caveat } = comparison
  const names = [before, after].map((name) => fit(name, NAME))
  const cells = rows.map((row) => [
    row.label,
    medianCell(row.before, row.unit),
    medianCell(row.after, row.unit),
    verdictInk(page, row)(verdictText(row)),
  ])
  const sections = [
    rows.length === 0 ? ['Nothing was measured.'] : table(page, ['', ...names, ''], cells, [0, 3]),
    findingLines(page, findings, [before, after]),
    wrap(caveat, page.columns).map((line) => page.ink.dim(line)),
  ]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function verdictInk({ ink }: Page, { verdict }: SetRow): (text: string) => string {
  return { worse: ink.red, better: ink.green, changed: ink.yellow, 'no difference': ink.dim, 'too few runs': ink.dim }[
    verdict
  ]
}

function findingLines(page: Page, findings: readonly SetFinding[], names: readonly string[]): string[] {
  if (findings.length === 0) return ['No finding at warning or over in any run.']
  const inks = { gone: page.ink.green, new: page.ink.red, stayed: page.ink.yellow, unclear: page.ink.dim }
  const rows = findings.map(({ id, before, after, fate }) => [
    fit(id, LABEL + 2),
    shareText(before),
    shareText(after),
    inks[fate](fate),
  ])
  const head = ['', ...names.map((name) => fit(name, SHARE)), '']
  return [page.ink.bold('Findings') + page.ink.dim(', in how many runs'), ...table(page, head, rows, [0, 1, 2, 3])]
}
