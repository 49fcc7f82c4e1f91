/** Timelines, one under the other on one time axis: a cursor and a zoom in one is in all. */
import { formatNumber } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { rankedFindings } from '../../ranked-findings.ts'
import { createChart } from './chart.ts'
import { h, section } from './dom.ts'
import { timelineOf } from './finding-timelines.ts'
import { onResize } from './resize.ts'
import { onPick, pick, wholeOr } from './selection.ts'
import { onThemeChange } from './theme.ts'
import { TIME_KEYS } from './time-keys.ts'

/** The section, or null when there is no series. */
export function timelinesView(report: Report): HTMLElement | null {
  const { timelines, recording } = report
  const lines = timelines.filter(({ points }) => points.length > 1)
  if (lines.length === 0) return null
  const shown = h('output', { class: 'range' })
  const reset = h('button', { type: 'button' }, 'Show all')
  const box = h('div', { class: 'timelines' })
  const tell = (from: number, to: number): void => {
    shown.textContent = `${formatNumber(from)}–${formatNumber(to)} s`
    pick(wholeOr([from, to], recording.seconds))
  }
  const findings = rankedFindings(report.results)
  const charts = lines.map((line, index) => {
    const last = index === lines.length - 1
    const shows = findings.filter((finding) => timelineOf(report, finding)?.id === line.id)
    return createChart(line, { box, recording, shows, last, onRange: last ? tell : () => {} })
  })
  const all = (act: 'redraw' | 'fit') => () => {
    for (const chart of charts) chart[act]()
  }
  reset.addEventListener('click', () => pick(null))
  onPick((range) => {
    for (const chart of charts) chart.show(...(range ?? [0, recording.seconds]))
  })
  onThemeChange(all('redraw'))
  onResize(box, all('fit'))
  const [from, to] = recording.window.map(formatNumber)
  const lead = `Judged: ${from} to ${to} s; what is outside of it is shaded. Drag to pick a part (${TIME_KEYS}): thread time and flamegraphs follow.`
  return section(
    'timelines',
    'Timelines',
    h('div', { class: 'tools' }, h('p', { class: 'lead' }, lead), shown, reset),
    box,
  )
}
