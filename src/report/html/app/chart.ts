/** One timeline, drawn by uPlot. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Report } from '../../model.ts'
import { formatBytes, formatNumber } from '../../../units.ts'
import { formatQuantity } from '../../quantity.ts'
import { h } from './dom.ts'
import { colour } from './theme.ts'

type Timeline = Report['timelines'][number]

const PLOT_HEIGHT = 72
const AXIS_HEIGHT = 34
/** Same for all charts, so that their times stand under each other. */
const LEFT = 64
const RIGHT = 18

/** Series that a state of the thread-time breakdown explains wear its colour. */
const COLOURS: Record<string, string> = { 'held-up': 'lockWait', 'run-queue': 'runnable', cpu: 'onCpu' }

/** A drawn timeline. */
export interface Chart {
  fit(): void
  redraw(): void
  showAll(): void
}

/** Draws a timeline at the end of `box`; the last one (`axis`) names the times. */
export function createChart(
  line: Timeline,
  { report, axis, box }: { report: Report; axis: boolean; box: Element },
): Chart {
  const values = line.points.map(([, value]) => value)
  const highest = Math.max(0, ...values)
  const now = h('output', {}, `max ${formatQuantity(highest, line.unit)}`)
  const place = h('div', { role: 'img', 'aria-label': `${line.title}: at most ${formatQuantity(highest, line.unit)}` })
  box.append(h('figure', {}, h('figcaption', {}, h('span', {}, line.title), now), place))

  const show = (plot: uPlot): void => {
    const value = plot.cursor.idx == null ? undefined : plot.data[1]?.[plot.cursor.idx]
    const text = value == null ? `max ${formatQuantity(highest, line.unit)}` : formatQuantity(value, line.unit)
    now.textContent = text
  }
  const size = () => ({ width: Math.max(240, box.clientWidth), height: PLOT_HEIGHT + (axis ? AXIS_HEIGHT : 0) })
  const plot = new uPlot(options(line, { report, axis, show, ...size() }), series(line, report), place)
  return {
    fit: () => plot.setSize(size()),
    redraw: () => plot.redraw(),
    showAll: () => plot.setScale('x', { min: 0, max: report.recording.seconds }),
  }
}

/** In seconds; empty ends make every chart span the whole recording. */
function series({ points }: Timeline, { recording }: Report): uPlot.AlignedData {
  const inside = points.filter(([t]) => t > 0 && t < recording.seconds * 1000)
  return [
    [0, ...inside.map(([t]) => t / 1000), recording.seconds],
    [null, ...inside.map(([, value]) => value), null],
  ]
}

function options(
  line: Timeline,
  {
    report,
    axis,
    show,
    width,
    height,
  }: { report: Report; axis: boolean; show: (plot: uPlot) => void; width: number; height: number },
): uPlot.Options {
  const stroke = () => colour(COLOURS[line.id] ?? 'accent')
  const ticks = {
    stroke: () => colour('muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => colour('line'), width: 1 },
  }
  const short = line.unit === 'bytes' ? formatBytes : formatNumber
  return {
    width,
    height,
    padding: [6, RIGHT, axis ? 0 : 4, 0],
    legend: { show: false },
    cursor: { y: false, sync: { key: 'time', scales: ['x', null] }, drag: { x: true, y: false } },
    scales: { x: { time: false }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    series: [{}, { stroke, fill: () => `${stroke()}22`, width: 1.5, points: { show: false } }],
    axes: [
      {
        ...ticks,
        ticks: { show: false },
        size: axis ? AXIS_HEIGHT : 0,
        values: (_, at) => at.map((t) => (axis ? `${formatNumber(t)} s` : '')),
      },
      { ...ticks, ticks: { show: false }, size: LEFT, space: 30, values: (_, at) => at.map(short) },
    ],
    hooks: { drawClear: [(plot) => shadeOutside(plot, report)], setCursor: [show] },
  }
}

/** Greys what the verdict leaves out. */
function shadeOutside(plot: uPlot, { recording }: Report): void {
  const { left, top, width, height } = plot.bbox
  const at = (seconds: number) => Math.min(left + width, Math.max(left, plot.valToPos(seconds, 'x', true)))
  const [from, to] = recording.window.map(at)
  plot.ctx.fillStyle = colour('shade')
  plot.ctx.fillRect(left, top, (from ?? left) - left, height)
  plot.ctx.fillRect(to ?? left + width, top, left + width - (to ?? left + width), height)
}
