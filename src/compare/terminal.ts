/** A comparison for a terminal. */
import { createPage, fit, wrap, type Page } from '../report/terminal/page.ts'
import { table, type Cell } from '../report/terminal/table.ts'
import { changeCell, valueCell } from './cells.ts'
import type { ComparedFinding, Comparison, ComparisonRow, Direction } from './compare.ts'

const LABEL = 22
/** Widest first column where the others show their change, and width of those: `1.09 cores  from 0 !`. */
const FIRST = 14
const WITH_CHANGE = 22

/** The comparison as text of at most 80 columns, ending in a line break; every column is held against the first. */
export function renderComparisonTerminal(
  comparison: Comparison,
  options: { colour: boolean; columns: number },
): string {
  const page = createPage(options)
  const count = comparison.names.length
  const changes = LABEL + FIRST + WITH_CHANGE * (count - 1) <= page.columns
  const room = changes ? FIRST : Math.floor((page.columns - LABEL) / count)
  const names = comparison.names.map((name, column) => fit(name, (changes && column > 0 ? WITH_CHANGE : room) - 2))
  const sections = [
    figureLines(page, comparison, { names, changes }),
    findingLines(page, comparison, names),
    wrap(comparison.caveat, page.columns).map((line) => page.ink.dim(line)),
  ]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function figureLines(
  page: Page,
  { rows }: Comparison,
  { names, changes }: { names: readonly string[]; changes: boolean },
): string[] {
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
  return fate === null ? '' : { gone: ink.green, new: ink.red, stayed: ink.yellow, unclear: ink.dim }[fate](fate)
}
