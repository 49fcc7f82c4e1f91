/** A comparison of two sets as Markdown, for a pull request. */
import { codeSpan, escapeMarkdown, markdownTable } from '../report/markdown/escape.ts'
import { medianCell, shareText, verdictText } from './set-cells.ts'
import type { SetComparison } from './sets.ts'

/** The comparison as GitHub-flavoured Markdown. */
export function renderSetMarkdown({ before, after, rows, findings, caveat }: SetComparison): string {
  const names = [before, after].map((name) => codeSpan(name, { cell: true }))
  const cells = rows.map((row) => [
    row.label,
    medianCell(row.before, row.unit),
    medianCell(row.after, row.unit),
    row.verdict === 'better' || row.verdict === 'worse' ? `**${verdictText(row)}**` : verdictText(row),
  ])
  const found = findings.map(({ id, before, after, fate }) => [
    codeSpan(id, { cell: true }),
    shareText(before),
    shareText(after),
    fate,
  ])
  const sections = [
    [`## holdup: ${names.join(' · ')}`],
    rows.length === 0 ? ['Nothing was measured.'] : markdownTable(['', ...names, 'change'], cells, [1, 2]),
    found.length === 0
      ? ['No finding at warning or over in any run.']
      : markdownTable(['finding', ...names, ''], found, []),
    [`> ${escapeMarkdown(caveat)}`],
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
