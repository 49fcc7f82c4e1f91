/** Findings, ranked, with the stacks that tell most. */
import { formatNumber, formatRatio } from '../../units.ts'
import { foldedLines } from '../fold-stack.ts'
import type { Report, ReportFinding } from '../model.ts'
import { formatQuantity } from '../quantity.ts'
import { isFault, rankedFindings, type RankedFinding } from '../ranked-findings.ts'
import { repeatsSummary } from '../summary.ts'
import { entry, fit, fitFrame, spread, wrap, type Page } from './page.ts'

const INDENT = { indent: 4, label: 12 }
const MARGIN = INDENT.indent + INDENT.label
/** Findings shown in full; the rest stay short, the HTML report has them all. */
const IN_FULL = 3
const EVIDENCE = 4
const STACKS = 2
const FRAMES = 3

/** Each finding as a block of lines. */
export function findingBlocks(page: Page, report: Report): string[][] {
  return rankedFindings(report.results).map((finding, index) => {
    const sentence = repeatsSummary(report, finding) ? [] : wrap(finding.summary, page.columns - INDENT.indent)
    const fault = isFault(finding)
    return [
      ...headLines(page, finding),
      ...sentence.map((line) => `${' '.repeat(INDENT.indent)}${line}`),
      ...(fault && index < IN_FULL ? detailLines(page, finding) : []),
      ...entry(page, 'advice', finding.advice, INDENT),
      ...entry(page, 'more', `holdup explain ${finding.handle} (${finding.id})`, INDENT),
    ]
  })
}

/** The title with the cost beside it, or below it where there is no room for both. */
function headLines(page: Page, { handle, severity, title, cost }: RankedFinding): string[] {
  const { ink } = page
  const colour = { critical: ink.red.bold, warning: ink.yellow.bold, info: ink.cyan }[severity]
  const held = costText(cost)
  const room = page.columns - handle.length - severity.length - 4
  const head = `${ink.bold(handle)}  ${colour(severity.toUpperCase())}  ${ink.bold(fit(title, room))}`
  if (title.length + held.length + 2 <= room) return [spread(page, head, held)]
  return [head, ...entry(page, 'cost', held, INDENT)]
}

/** `6.31 threads held up, 1.8× faster without`; empty where neither is known. */
function costText({ threadsHeldUp, gain, unit }: ReportFinding['cost']): string {
  const held = threadsHeldUp === null ? [] : [`${formatNumber(threadsHeldUp)} ${unit ?? 'threads'} held up`]
  return [...held, ...(gain === null ? [] : [`${formatNumber(gain)}× faster without`])].join(', ')
}

function detailLines(page: Page, { evidence, where }: RankedFinding): string[] {
  const numbers = evidence.slice(0, EVIDENCE).map(({ name, value, unit, limit, fidelity }) => {
    const aside = [
      ...(limit === undefined ? [] : [`limit ${formatQuantity(limit, unit)}`]),
      ...(fidelity ? [fidelity] : []),
    ]
    return `${name} ${formatQuantity(value, unit)}${aside.length > 0 ? ` (${aside.join(', ')})` : ''}`
  })
  return [
    ...entry(page, 'evidence', numbers.join(' · '), INDENT),
    ...where.slice(0, STACKS).flatMap((place) => stackLines(page, place)),
  ]
}

function stackLines(page: Page, { role, stack, share }: RankedFinding['where'][number]): string[] {
  const label = fit(role, INDENT.label - 1).padEnd(INDENT.label)
  const portion = share === undefined ? '' : ` ${formatRatio(share)}`
  return foldedLines(stack, FRAMES, (frame) => fitFrame(frame, page.columns - MARGIN - 8)).map((frame, index) =>
    index === 0
      ? `${' '.repeat(INDENT.indent)}${page.ink.dim(label)}${frame}${page.ink.dim(portion)}`
      : page.ink.dim(`${' '.repeat(MARGIN + 2)}${frame}`),
  )
}
