/** Findings, ranked: what, how bad, the numbers that bear it, where in the code, what to do. */
import { formatNumber } from '../../../units.ts'
import type { Report, ReportFinding } from '../../model.ts'
import { formatQuantity } from '../../quantity.ts'
import { rankedFindings, type RankedFinding } from '../../ranked-findings.ts'
import { repeatsSummary } from '../../summary.ts'
import { timelineId } from './chart.ts'
import { h, section, table, type Child } from './dom.ts'
import { timelineOf } from './finding-timelines.ts'
import { lockLink } from './locks.ts'
import { pageView } from './page.ts'
import { stackView } from './stack.ts'

/** All findings; the first stands open. */
export function findingsView(report: Report): HTMLElement {
  const findings = rankedFindings(report.results)
  const cards = findings.map((finding, index) => card(report, finding, index === 0))
  return section(
    'findings',
    'Findings',
    cards.length > 0 ? cards : h('p', { class: 'quiet' }, 'Every detector that could judge found nothing.'),
  )
}

function card(report: Report, finding: RankedFinding, open: boolean): HTMLElement {
  const { handle, severity, title, id, summary, cost, evidence, where, advice, locks = [] } = finding
  const body = h(
    'div',
    { class: 'body' },
    evidence.length > 0 && evidenceTable(evidence),
    where.map(({ role, stack, share }) => stackView(stack, { label: role, share })),
    locks.length > 0 && h('p', { class: 'about' }, 'In the table of locks: ', locks.map(lockLink)),
    timelineLink(report, finding),
    h('p', { class: 'advice' }, advice),
    pageView(id) ?? h('p', { class: 'explain' }, h('code', {}, `holdup explain ${id}`)),
  )
  return h(
    'details',
    { class: `finding ${severity}`, id: handle, ...(open ? { open: '' } : {}) },
    h(
      'summary',
      {},
      h('span', { class: 'handle' }, handle),
      h('span', { class: 'severity' }, severity),
      h('h3', {}, title),
      costView(cost),
      !repeatsSummary(report, finding) && h('p', { class: 'sentence' }, summary),
    ),
    body,
  )
}

function timelineLink(report: Report, finding: RankedFinding): Child {
  const line = timelineOf(report, finding)
  if (!line) return null
  return h('p', { class: 'about' }, 'Over time: ', h('a', { href: `#${timelineId(line.id)}` }, line.title))
}

function costView({ threadsHeldUp, gain, unit }: ReportFinding['cost']): Child {
  if (threadsHeldUp === null && gain === null) return null
  const figure = (value: string, unit: string) => h('span', {}, h('b', {}, value), h('small', {}, unit))
  return h(
    'span',
    { class: 'cost' },
    threadsHeldUp !== null && figure(formatNumber(threadsHeldUp), `${unit ?? 'threads'} held up`),
    gain !== null && figure(`${formatNumber(gain)}×`, 'faster without'),
  )
}

function evidenceTable(evidence: ReportFinding['evidence']): HTMLElement {
  const rows = evidence.map(({ name, value, unit, limit, fidelity, note }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name, note !== undefined && h('small', {}, note)),
      h('td', { class: 'number' }, h('b', {}, formatQuantity(value, unit))),
      h('td', { class: 'number quiet' }, limit === undefined ? '' : formatQuantity(limit, unit)),
      h('td', { class: 'quiet' }, fidelity ?? ''),
    ),
  )
  return table(['Evidence', 'Value', 'Limit', 'How'], rows, { class: 'evidence' })
}
