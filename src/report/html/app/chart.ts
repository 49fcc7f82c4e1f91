/** One timeline, drawn by uPlot. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatBytes, formatNumber, type Seconds } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { formatQuantity } from '../../quantity.ts'
import type { RankedFinding } from '../../ranked-findings.ts'
import { h } from './dom.ts'
import { findingLink } from './finding-link.ts'
import { colour } from './theme.ts'
import { slideByKeys } from './time-keys.ts'

type Timeline = Report['timelines'][number]

const PLOT_HEIGHT = 72
const AXIS_HEIGHT = 34
/** Same for all charts, so that their times stand under each other. */
const LEFT = 64
const RIGHT = 18

/** Series that a state of the thread-time breakdown explains wear its colour. */
const COLOURS: Record<string, string> = {
  'held-up': 'lockWait',
  'run-queue': 'runnable',
  'io-wait': 'ioWait',
  sleeping: 'sleeping',
  cpu: 'onCpu',
}

/** Where a chart stands. */
export interface ChartPlace {
  box: Element
  recording: Report['recording']
  /** Findings that it shows best: they are named on it. */
  shows: readonly RankedFinding[]
  /** The last one of the column: it names the times. */
  last: boolean
  /** Told the seconds shown, at first and after each zoom. */
  onRange: (from: number, to: number) => void
}

/** A drawn timeline. */
export interface Chart {
  fit(): void
  redraw(): void
  show(from: Seconds, to: Seconds): void
}

/** Where a timeline stands in the page. */
export function timelineId(id: string): string {
  return `timeline-${id}`
}

/** Draws a timeline at the end of the box. */
export function createChart(line: Timeline, place: ChartPlace): Chart {
  const { box, recording, shows, last } = place
  const most = `max ${formatQuantity(Math.max(0, ...line.points.map(([, value]) => value)), line.unit)}`
  // Its slider tells a screen reader.
  const now = h('output', { 'aria-live': 'off' }, most)
  const canvas = h('div', { 'aria-label': `${line.title}, ${most}` })
  const caption = h('figcaption', {}, h('span', {}, line.title), shows.map(findingLink), now)
  box.append(h('figure', { id: timelineId(line.id) }, caption, canvas))

  const show = ({ cursor, data }: uPlot): void => {
    const value = cursor.idx == null ? undefined : data[1]?.[cursor.idx]
    now.textContent = value == null ? most : formatQuantity(value, line.unit)
  }
  const size = () => ({ width: Math.max(240, box.clientWidth), height: PLOT_HEIGHT + (last ? AXIS_HEIGHT : 0) })
  const plot = new uPlot(
    { ...options(line, place), ...size(), hooks: hooks(place, show) },
    series(line, recording),
    canvas,
  )
  slideByKeys(plot, canvas, recording.seconds, () => now.textContent)
  return {
    fit: () => plot.setSize(size()),
    redraw: () => plot.redraw(),
    show: (min, max) => plot.setScale('x', { min, max }),
  }
}

/** In seconds; empty ends make every chart span the whole recording. */
function series({ points }: Timeline, { seconds }: Report['recording']): uPlot.AlignedData {
  const inside = points.filter(([t]) => t > 0 && t < seconds * 1000)
  return [
    [0, ...inside.map(([t]) => t / 1000), seconds],
    [null, ...inside.map(([, value]) => value), null],
  ]
}

function options({ id, unit }: Timeline, { last }: ChartPlace): Omit<uPlot.Options, 'width' | 'height'> {
  const stroke = () => colour(COLOURS[id] ?? 'accent')
  return {
    padding: [6, RIGHT, last ? 0 : 4, 0],
    legend: { show: false },
    cursor: timeCursor,
    scales: { x: { time: false }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    // The colours of base.css are six hexadecimal digits: two more make them light.
    series: [{}, { stroke, fill: () => `${stroke()}22`, width: 1.5, points: { show: false } }],
    axes: timeAxes(last, unit === 'bytes' ? formatBytes : formatNumber),
  }
}

/** Of all charts over time: a cursor or a zoom in one is in all. */
export const timeCursor: uPlot.Cursor = {
  y: false,
  sync: { key: 'time', scales: ['x', null] },
  drag: { x: true, y: false },
}

/** Seconds below, where they are named, and values on the left. */
export function timeAxes(named: boolean, format: (value: number) => string): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: () => colour('muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { show: false },
  }
  const seconds = (t: number) => (named ? `${formatNumber(t)} s` : '')
  return [
    { ...axis, size: named ? AXIS_HEIGHT : 0, values: (_, at) => at.map(seconds) },
    { ...axis, size: LEFT, space: 30, values: (_, at) => at.map(format) },
  ]
}

function hooks({ recording, onRange }: ChartPlace, show: (plot: uPlot) => void): uPlot.Hooks.Arrays {
  return {
    drawClear: [(plot) => shadeOutside(plot, recording)],
    draw: [(plot) => drawMarks(plot, recording)],
    setCursor: [show],
    setScale: [({ scales }, key) => key === 'x' && onRange(scales['x']?.min ?? 0, scales['x']?.max ?? 0)],
  }
}

/** A line at each mark of the user's. */
function drawMarks(plot: uPlot, { marks }: Report['recording']): void {
  const { left, top, width, height } = plot.bbox
  plot.ctx.fillStyle = colour('muted')
  for (const { at } of marks) {
    const x = plot.valToPos(at, 'x', true)
    if (x >= left && x <= left + width) plot.ctx.fillRect(Math.round(x), top, devicePixelRatio, height)
  }
}

/** Greys what the verdict leaves out. */
function shadeOutside(plot: uPlot, { window }: Report['recording']): void {
  const { left, top, width, height } = plot.bbox
  const right = left + width
  const at = (seconds: number) => Math.min(right, Math.max(left, plot.valToPos(seconds, 'x', true)))
  plot.ctx.fillStyle = colour('shade')
  plot.ctx.fillRect(left, top, at(window[0]) - left, height)
  plot.ctx.fillRect(at(window[1]), top, right - at(window[1]), height)
}
