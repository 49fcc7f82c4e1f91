/** Timelines as sparklines: what changed while, a line each. */
import { formatBytes, formatMs, formatNumber } from '../../units.ts'
import type { Report } from '../model.ts'
import { sparkline } from '../sparkline.ts'
import type { Page } from './page.ts'

/** Of the timelines, those shown, and how their values are written. */
const SERIES: readonly { id: string; label: string; format: (value: number) => string }[] = [
  { id: 'requests', label: 'Requests', format: (value) => `${formatNumber(value)}/s` },
  { id: 'latency', label: 'Latency p99', format: formatMs },
  { id: 'turn', label: 'Loop turn', format: formatMs },
  { id: 'held-up', label: 'Held up', format: (value) => `${formatNumber(value)} threads` },
  { id: 'run-queue', label: 'Run queue', format: (value) => `${formatNumber(value)} threads` },
  { id: 'cpu', label: 'CPU', format: (value) => `${formatNumber(value)} cores` },
  { id: 'memory', label: 'Memory', format: formatBytes },
  { id: 'threads', label: 'Threads', format: formatNumber },
]
/** Points whose mean is what a series is at now: about a second. */
const LATEST = 4
const LABEL = 12
const VALUE = 14

/** Each with what it is at now, up to the end of the window: what is newer is not all there yet. */
export function latestLines(page: Page, { timelines, recording }: Report): string[] {
  const end = recording.window[1] * 1000
  return linesOf(
    page,
    timelines,
    (t) => t <= end,
    (values) => {
      const latest = values.slice(-LATEST)
      return latest.reduce((sum, value) => sum + value, 0) / latest.length
    },
  )
}

/** Each in which anything happened over the whole recording, with its highest value. */
export function seriesLines(page: Page, { timelines }: Report): string[] {
  const moved = timelines.filter(({ points }) => points.some(([, value]) => value !== 0))
  const lines = linesOf(
    page,
    moved,
    () => true,
    (values) => Math.max(...values),
  )
  return lines.length === 0 ? [] : [page.ink.bold('Over time') + page.ink.dim(', each from 0 to its highest'), ...lines]
}

function linesOf(
  page: Page,
  timelines: Report['timelines'],
  shows: (t: number) => boolean,
  figure: (values: readonly number[]) => number,
): string[] {
  return SERIES.flatMap(({ id, label, format }) => {
    const points = timelines.find((timeline) => timeline.id === id)?.points.filter(([t]) => shows(t)) ?? []
    const values = points.map(([, value]) => value)
    if (values.length === 0) return []
    const line = sparkline(values, page.columns - LABEL - VALUE)
    return [
      `${page.ink.dim(label.padEnd(LABEL))}${page.ink.bold(format(figure(values)).padEnd(VALUE))}${page.ink.cyan(line)}`,
    ]
  })
}
