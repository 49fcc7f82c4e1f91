/** A comparison for a terminal. */
import { createPage, fit, wrap, type Page } from '../report/terminal/page.ts'
import { table, type Cell } from '../report/terminal/table.ts'
import { changeCell, valueCell } from './cells.ts'
import type { ComparedFinding, Comparison, ComparisonRow, Direction } from './compare.ts'

/** Columns that have room for their change beside the value. */
const WITH_CHANGES = 3
const LABEL = 22
const NAME = 18

/** The comparison as text of at most 80 columns, ending in a line break; every column is held against the first. */
export function renderComparisonTerminal(
  comparison: Comparison,
  options: { colour: boolean; columns: number },
): string {
  const page = createPage(options)
  const room = Math.floor((page.columns - LABEL) / comparison.names.length) - 2
  const names = comparison.names.map((name) => fit(name, Math.min(NAME, room)))
  const sections = [
    figureLines(page, comparison, names),
    findingLines(page, comparison, names),
    wrap(comparison.caveat, page.columns).map((line) => page.ink.dim(line)),
  ]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function figureLines(page: Page, { rows }: Comparison, names: readonly string[]): string[] {
  const changes = names.length <= WITH_CHANGES
  const head = names.map((name, column): Cell => ({ content: name, colSpan: changes && column > 0 ? 2 : 1 }))
  const cells = rows.map((row) => [
    row.label,
    ...names.flatMap((_, column) =>
      changes && column > 0 ? [valueCell(row, column), changeText(page, row, column)] : [valueCell(row, column)],
    ),
  ])
  const worse = rows.some(({ directions }) => directions.includes('worse'))
  const legend = changes && worse ? [page.ink.dim(`  ! worse than ${names[0] ?? ''}`)] : []
  return [...table(page, ['', ...head], cells, [0]), ...legend]
}

function changeText({ ink }: Page, row: ComparisonRow, column: number): string {
  const direction: Direction = row.directions[column] ?? null
  const text = changeCell(row, column)
  if (text === '') return ''
  // The mark says without colour what red says with it.
  if (direction === 'worse') return ink.red(`${text} !`)
  return `${direction === 'better' ? ink.green(text) : ink.dim(text)}  `
}

function findingLines(page: Page, { findings }: Comparison, names: readonly string[]): string[] {
  if (findings.length === 0) return ['No finding at warning or over in any of them.']
  const rows = findings.map((finding) => [
    fit(finding.id, LABEL),
    ...finding.severities.map((severity) => severity ?? '–'),
    fateText(page, finding),
  ])
  const left = ['', ...names, ''].map((_, column) => column)
  return [page.ink.bold('Findings'), ...table(page, ['', ...names, ''], rows, left)]
}

function fateText({ ink }: Page, { fate }: ComparedFinding): string {
  return fate === null ? '' : { gone: ink.green, new: ink.red, stayed: ink.yellow }[fate](fate)
}
