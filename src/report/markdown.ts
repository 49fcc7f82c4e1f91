/** The report as Markdown, for a pull request. */
import { formatMs, formatNumber, formatRatio } from '../units.ts'
import { foldedLines } from './fold-stack.ts'
import { frameText } from './frame.ts'
import { keyFigures } from './key-figures.ts'
import { codeBlock, codeSpan, escapeMarkdown, markdownTable } from './markdown/escape.ts'
import type { Report, ReportFinding } from './model.ts'
import { notChecked, probeLines, recordingQuality } from './quality.ts'
import { formatQuantity } from './quantity.ts'
import { rankedFindings, type RankedFinding } from './ranked-findings.ts'
import { rankedLocks } from './ranked-locks.ts'
import { repeatsSummary } from './summary.ts'

const LOCKS = 8
const FRAMES = 12

/** The report as GitHub-flavoured Markdown; text from the target is escaped and cannot inject markup. */
export function renderMarkdown(report: Report): string {
  const findings = rankedFindings(report.results)
  const sections = [
    [`## holdup: ${codeSpan(report.target.command)}`],
    [`**${escapeMarkdown(report.summary)}**`],
    findings.length === 0 ? [] : findingTable(findings),
    ...findings.map((finding) => findingDetail(finding, repeatsSummary(report, finding))),
    ['### Key figures', '', ...figureTable(report)],
    lockTable(report),
    notes(report),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function findingTable(findings: readonly RankedFinding[]): string[] {
  const rows = findings.map(({ handle, severity, id, title, cost }) => [
    escapeMarkdown(handle),
    severity,
    `${escapeMarkdown(title)} ${codeSpan(id, { cell: true })}`,
    costCell(cost),
  ])
  return markdownTable(['', 'severity', 'finding', 'held up'], rows, [3])
}

function costCell({ threadsHeldUp, gain, unit }: ReportFinding['cost']): string {
  const held = threadsHeldUp === null ? '–' : `${formatNumber(threadsHeldUp)} ${unit ?? 'threads'}`
  return gain === null ? held : `${held} (${formatNumber(gain)}× faster without)`
}

function findingDetail(
  { handle, title, summary, evidence, where, advice, id }: RankedFinding,
  repeated: boolean,
): string[] {
  const rows = evidence.map(({ name, value, unit, limit, fidelity, note }) => [
    escapeMarkdown(note === undefined ? name : `${name} (${note})`),
    escapeMarkdown(formatQuantity(value, unit)),
    limit === undefined ? '' : escapeMarkdown(formatQuantity(limit, unit)),
    fidelity ?? '',
  ])
  return [
    `### ${escapeMarkdown(handle)} ${escapeMarkdown(title)}`,
    ...(repeated ? [] : ['', escapeMarkdown(summary)]),
    ...(rows.length > 0 ? ['', ...markdownTable(['evidence', 'value', 'limit', 'how'], rows, [1, 2])] : []),
    ...where.flatMap(stackBlock),
    '',
    `**Advice:** ${escapeMarkdown(advice)} More: ${codeSpan(`holdup explain ${id}`)}`,
  ]
}

function stackBlock({ role, stack, share }: ReportFinding['where'][number]): string[] {
  const portion = share === undefined ? '' : ` (${formatRatio(share)})`
  return ['', `${escapeMarkdown(role)}${portion}:`, '', ...codeBlock(foldedLines(stack, FRAMES, frameText))]
}

function figureTable(report: Report): string[] {
  const rows = keyFigures(report).flatMap(({ label, value, detail, source, quiet }) =>
    value === null || quiet ? [] : [[label, escapeMarkdown(value), escapeMarkdown(detail), source ?? '']],
  )
  return markdownTable(['', '', '', 'how'], rows, [])
}

function lockTable(report: Report): string[] {
  const locks = rankedLocks(report).slice(0, LOCKS)
  if (locks.length === 0) return []
  const rows = locks.map(({ id, name, role, heldUp, waits, waitMs }) => [
    escapeMarkdown(id),
    codeSpan(name, { cell: true }),
    role,
    formatNumber(heldUp),
    waits === null ? '–' : formatNumber(waits),
    waitMs ? formatMs(waitMs.p99) : '–',
  ])
  const head = ['', 'waited for', 'role', 'held up', 'waits', 'p99']
  return ['### Locks', '', ...markdownTable(head, rows, [3, 4, 5])]
}

function notes(report: Report): string[] {
  const unchecked = notChecked(report).map(({ id, reason }) => `${codeSpan(id)} (${escapeMarkdown(reason)})`)
  const probes = probeLines(report).map(({ id, fidelity }) => `${escapeMarkdown(id)} (${fidelity})`)
  return [
    '### Recording',
    '',
    ...recordingQuality(report).map(({ text, sound }) => `- ${sound ? '' : '⚠ '}${escapeMarkdown(text)}`),
    `- probes: ${probes.join(', ')}`,
    ...(unchecked.length > 0 ? [`- not checked: ${unchecked.join(', ')}`] : []),
  ]
}
