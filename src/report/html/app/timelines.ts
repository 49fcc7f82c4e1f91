/** Timelines, one under the other on one time axis: a cursor and a zoom in one is in all. */
import type { Report } from '../../model.ts'
import { formatNumber } from '../../../units.ts'
import { createChart } from './chart.ts'
import { h, section } from './dom.ts'
import { onResize } from './resize.ts'
import { onThemeChange } from './theme.ts'

/** The section, or null when there is no series. */
export function timelinesView(report: Report): HTMLElement | null {
  const lines = report.timelines.filter(({ points }) => points.length > 1)
  if (lines.length === 0) return null
  const reset = h('button', { type: 'button' }, 'Show all')
  const box = h('div', { class: 'timelines' })
  const [from, to] = report.recording.window
  const lead = `The analysed window is ${formatNumber(from)} to ${formatNumber(to)} s; what is outside of it is shaded. Drag to zoom.`
  const charts = lines.map((line, index) => createChart(line, { report, axis: index === lines.length - 1, box }))
  reset.addEventListener('click', () => {
    for (const chart of charts) chart.showAll()
  })
  onThemeChange(() => {
    for (const chart of charts) chart.redraw()
  })
  onResize(box, () => {
    for (const chart of charts) chart.fit()
  })
  return section('timelines', 'Timelines', h('div', { class: 'tools' }, h('p', { class: 'lead' }, lead), reset), box)
}
