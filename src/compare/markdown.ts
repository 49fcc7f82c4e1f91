/** A comparison as Markdown, for a pull request. */
import { codeSpan, escapeMarkdown, markdownTable } from '../report/markdown/escape.ts'
import { changeCell, valueCell } from './cells.ts'
import type { ComparedFinding, Comparison, ComparisonRow } from './compare.ts'

/** The comparison as GitHub-flavoured Markdown; every column is held against the first. */
export function renderComparisonMarkdown({ names, rows, findings, caveat }: Comparison): string {
  const titles = names.map((name) => codeSpan(name, { cell: true }))
  const numbers = titles.map((_, column) => column + 1)
  const sections = [
    [`## holdup: ${titles.join(' · ')}`],
    markdownTable(['', ...titles], rows.map(rowCells), numbers),
    findings.length === 0
      ? ['No finding at warning or over in any of them.']
      : markdownTable(['finding', ...titles, ''], findings.map(findingCells), []),
    [`> ${escapeMarkdown(caveat)}`],
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function rowCells(row: ComparisonRow): string[] {
  const cells = row.values.map((_, column) => {
    const said = row.directions[column]
    const change = [changeCell(row, column), said === 'better' || said === 'worse' ? said : '']
    const aside = change.filter((part) => part !== '').join(', ')
    return aside === '' ? valueCell(row, column) : `${valueCell(row, column)} (${aside})`
  })
  return [row.label, ...cells]
}

function findingCells({ id, severities, fate }: ComparedFinding): string[] {
  return [codeSpan(id, { cell: true }), ...severities.map((severity) => severity ?? '–'), fate ?? '']
}
