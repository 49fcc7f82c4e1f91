/** What `holdup scale` found: the limit in words, throughput over connections with the fitted law, a row a step. */
import uPlot from 'uplot'
import { throughputAt } from '../../../analysis/scale/usl.ts'
import { formatMs, formatNumber, formatRatio } from '../../../units.ts'
import type { Report } from '../../model.ts'
import { byConnections, capacityWords, lawWords, type ReportScale } from '../../scale-words.ts'
import { h, section, table } from './dom.ts'
import { onResize } from './resize.ts'
import { colour, onThemeChange } from './theme.ts'

const HEIGHT = 280
/** Points of the curve for each doubling of connections. */
const CURVE = 8

/** The section, or null for other recordings. */
export function scaleView({ scale }: Report): HTMLElement | null {
  if (!scale) return null
  const words = lawWords(scale)
  const facts = scale.capacity ? [...words, { label: 'capacity', text: capacityWords(scale.capacity) }] : words
  const box = h('div', { class: 'scale', role: 'img', 'aria-label': scale.limit.summary })
  // It needs its place in the page to know how wide it is.
  requestAnimationFrame(() => draw(box, scale))
  return section(
    'scale',
    'Scale',
    h('p', { class: 'lead' }, scale.limit.summary),
    box,
    h(
      'dl',
      { class: 'law' },
      facts.flatMap(({ label, text }) => [h('dt', {}, label), h('dd', {}, text)]),
    ),
    table(
      ['Connections', 'Requests/s', 'p50', 'p99', 'Failed', 'Cores', 'Held up', 'Lock'],
      byConnections(scale).map(row),
      { class: 'steps' },
    ),
  )
}

function row({ n, perSecond, latencyMs, errorShare, cores, lock, holds }: ReportScale['points'][number]) {
  const number = (text: string) => h('td', { class: 'number' }, text)
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, `${formatNumber(n)}${holds === false ? ' (over the limit)' : ''}`),
    number(formatNumber(perSecond)),
    number(formatMs(latencyMs.p50)),
    number(formatMs(latencyMs.p99)),
    number(errorShare > 0 ? formatRatio(errorShare) : '–'),
    number(cores === null ? '–' : formatNumber(cores)),
    number(lock === null ? '–' : formatNumber(lock.heldUp)),
    h('td', {}, lock?.name ?? ''),
  )
}

function draw(box: HTMLElement, scale: ReportScale): void {
  const size = () => ({ width: Math.max(240, box.clientWidth), height: HEIGHT })
  const plot = new uPlot({ ...options(scale), ...size() }, series(scale), box)
  onThemeChange(() => plot.redraw())
  onResize(box, () => plot.setSize(size()))
}

/** Connections; throughput as measured, as fitted, and the most that the lock lets through. */
function series({ points, fit, limit }: ReportScale): uPlot.AlignedData {
  const measured = new Map(points.map(({ n, perSecond }) => [n, perSecond]))
  const last = Math.max(...measured.keys())
  const steps = Math.ceil(Math.log2(Math.max(2, last)) * CURVE)
  const curve = Array.from({ length: steps + 1 }, (_, i) => last ** (i / steps))
  const all = [...new Set([...curve, ...measured.keys()])].toSorted((a, b) => a - b)
  const bound = limit.lock?.bound ?? null
  return [
    all,
    all.map((n) => (fit ? throughputAt(fit, n) : null)),
    all.map(() => bound),
    all.map((n) => measured.get(n) ?? null),
  ]
}

function options({ limit }: ReportScale): Omit<uPlot.Options, 'width' | 'height'> {
  const axis: uPlot.Axis = {
    stroke: () => colour('muted'),
    font: '11px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
    labelSize: 18,
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { show: false },
  }
  const value = (_: uPlot, at: number | null) => (at === null ? '–' : formatNumber(at))
  const bound = limit.lock?.bound ?? 0
  return {
    padding: [8, 18, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { time: false, distr: 3, log: 2 },
      y: { range: (_, __, max) => [0, Math.max(max, bound) * 1.1 || 1] },
    },
    series: [
      { label: 'connections', value },
      {
        label: 'fitted law',
        value,
        stroke: () => colour('accent'),
        width: 1.5,
        points: { show: false },
        spanGaps: true,
      },
      {
        label: 'lock lets through',
        show: bound > 0,
        value,
        stroke: () => colour('lockWait'),
        width: 1.5,
        dash: [6, 4],
        points: { show: false },
      },
      {
        label: 'measured',
        value,
        stroke: () => colour('ink'),
        paths: () => null,
        points: { show: true, size: 8, fill: () => colour('ink') },
      },
    ],
    axes: [
      { ...axis, label: 'connections', values: (_, at) => at.map((n) => formatNumber(n)) },
      { ...axis, label: 'requests/s', size: 64, values: (_, at) => at.map((n) => formatNumber(n)) },
    ],
  }
}
