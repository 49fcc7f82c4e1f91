/** Thread time: one bar a group, split by state; the numbers add up to the threads alive. */
import type { ThreadState } from '../../../analysis/signals.ts'
import { formatNumber, formatRatio } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { groupRates, THREAD_STATES, type GroupRates } from '../../thread-states.ts'
import { threadTimeWithin } from '../../time-steps.ts'
import { h, section, table } from './dom.ts'
import { onPick, picked, type Picked } from './selection.ts'
import { threadTimeChart } from './thread-time-chart.ts'

/** A rate shown as 0.00 would be noise. */
const VISIBLE = 0.005

const OVER_WINDOW = 'How many threads of each group were in each state, on average (seconds per second).'

/** The section, or null when thread time was not measured. */
export function threadTimeView(report: Report): HTMLElement | null {
  if (groupRates(report).length === 0) return null
  const lead = h('p', { class: 'lead', 'aria-live': 'polite' })
  const place = h('div', {})
  const show = (range: Picked): void => {
    const within = range && threadTimeWithin(report, range)
    const shown = within
      ? {
          ...report,
          threadTime: within,
          recording: { ...report.recording, window: [range[0], range[1]] as [number, number] },
        }
      : report
    lead.textContent = within
      ? `${OVER_WINDOW} From ${formatNumber(range[0])} to ${formatNumber(range[1])} s.`
      : OVER_WINDOW
    place.replaceChildren(...tableOf(groupRates(shown)))
  }
  onPick(show)
  show(picked())
  return section('threads', 'Thread time', lead, threadTimeChart(report), place)
}

function tableOf(groups: readonly GroupRates[]): HTMLElement[] {
  const states = THREAD_STATES.filter(({ id }) => groups.some(({ rates }) => rates[id] >= VISIBLE))
  const legend = states.map(({ id, label, meaning }) =>
    h('li', {}, h('i', { class: `swatch ${id}` }), h('span', {}, label), h('small', {}, meaning)),
  )
  const rows = groups.map((group) =>
    groupRow(
      group,
      states.map(({ id }) => id),
    ),
  )
  const head = ['Group', 'Share of its time', ...states.map(({ label }) => label), 'All']
  return [h('ul', { class: 'legend' }, legend), table(head, rows, { class: 'thread-time' })]
}

function groupRow(group: GroupRates, states: readonly ThreadState[]): HTMLTableRowElement {
  const figures = states.map((state) => {
    const rate = group.rates[state]
    return h(
      'td',
      { class: rate < VISIBLE ? 'number none' : `number ${state}` },
      rate < VISIBLE ? '0' : rate.toFixed(2),
    )
  })
  const times = group.threads === 1 ? '' : `×${formatNumber(group.threads)}`
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('span', { class: 'name' }, group.group), h('small', {}, times)),
    h('td', {}, bar(group, states)),
    figures,
    h('td', { class: 'number' }, h('b', {}, group.total.toFixed(2))),
  )
}

function bar({ group, rates, total }: GroupRates, states: readonly ThreadState[]): HTMLElement {
  const shares = states.map((state) => ({ state, share: total > 0 ? rates[state] / total : 0 }))
  const pieces = shares.map(({ state, share }) => {
    const piece = h('i', { class: state, title: `${state} ${formatRatio(share)}` })
    piece.style.width = `${share * 100}%`
    return piece
  })
  const said = shares
    .filter(({ share }) => share >= VISIBLE)
    .map(({ state, share }) => `${state} ${formatRatio(share)}`)
  return h('div', { class: 'bar', role: 'img', 'aria-label': `${group}: ${said.join(', ')}` }, pieces)
}
