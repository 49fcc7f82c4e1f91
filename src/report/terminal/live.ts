/** What `holdup top` shows: what costs most now, the last half minute, thread time and locks. */
import { formatBytes, formatMs, formatNumber } from '../../units.ts'
import type { Report } from '../model.ts'
import { isFault, rankedFindings } from '../ranked-findings.ts'
import { sparkline } from '../sparkline.ts'
import { type GroupOrder, THREAD_STATES } from '../thread-states.ts'
import { lockLines } from './locks.ts'
import { fit, type Page, spread, wrap } from './page.ts'
import { threadTimeLines } from './thread-time.ts'

/** What the key for it sorts thread groups by, one after the other. */
export const SORTS = ['cost', 'onCpu', 'runnable', 'lockWait', 'ioWait'] as const satisfies readonly GroupOrder[]
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
/** Points of which a series shows the mean as its value: about a second. */
const LATEST = 4
const LABEL = 12
const VALUE = 14
const SUMMARY_LINES = 3

export interface LiveState {
  /** Time of day. */
  clock: string
  sort: (typeof SORTS)[number]
  frozen: boolean
  /** Since when it records for a report; null: it does not. */
  recordingSeconds: number | null
  /** The last thing that happened, for the reader. */
  message: string
  /** The target has ended. */
  over: boolean
}

/** A screen of at most `rows` lines: when they are too few, the tables give way. */
export function liveScreen(page: Page, report: Report, state: LiveState, rows: number): string {
  const faulty = rankedFindings(report.results).some(isFault)
  const verdict = faulty ? page.ink.bold : page.ink.green.bold
  const head = [
    spread(page, `holdup top ${fit(report.target.command, page.columns - 24)}`, state.clock),
    ...wrap(report.summary, page.columns)
      .slice(0, SUMMARY_LINES)
      .map((line) => verdict(line)),
  ]
  const foot = footer(page, state)
  const body = [
    [],
    seriesLines(page, report),
    threadTimeLines(page, report, state.sort),
    lockLines(page, report),
  ].flatMap((lines) => (lines.length > 0 ? [...lines, ''] : []))
  return [...head, '', ...body.slice(0, Math.max(0, rows - head.length - foot.length - 1)), ...foot].join('\n')
}

/** The same as one line, for a log. */
export function liveLine({ summary, signals }: Report, clock: string): string {
  const { http, cpu, lockWait, threads, eventLoop } = signals
  const facts = [
    http && `${formatNumber(http.perSecond)} req/s`,
    http && `p99 ${formatMs(http.latencyMs.p99)}`,
    eventLoop && `loop ${formatMs(eventLoop.turnMs.max)}`,
    lockWait && `held up ${formatNumber(lockWait.threadSecondsPerSecond)}`,
    cpu && `CPU ${formatNumber(cpu.cores)}/${formatNumber(cpu.available)}`,
    threads && `${formatNumber(threads.mean)} threads`,
    summary,
  ]
  return `${clock}  ${facts.filter((fact) => fact !== null).join(' · ')}`
}

/** Each up to the end of the window: what is newer is not all there yet. */
function seriesLines(page: Page, { timelines, recording }: Report): string[] {
  const end = recording.window[1] * 1000
  return SERIES.flatMap(({ id, label, format }) => {
    const points = timelines.find((timeline) => timeline.id === id)?.points.filter(([t]) => t <= end) ?? []
    if (points.length === 0) return []
    const values = points.map(([, value]) => value)
    const latest = values.slice(-LATEST)
    const now = latest.reduce((sum, value) => sum + value, 0) / latest.length
    const line = sparkline(values, page.columns - LABEL - VALUE)
    return [`${page.ink.dim(label.padEnd(LABEL))}${page.ink.bold(format(now).padEnd(VALUE))}${page.ink.cyan(line)}`]
  })
}

function footer(page: Page, { sort, frozen, recordingSeconds, message, over }: LiveState): string[] {
  const recording = recordingSeconds === null ? 'r record' : `r report (${formatNumber(recordingSeconds)} s recorded)`
  const keys = over
    ? ['q quit']
    : [
        'q quit',
        `s sort (${THREAD_STATES.find(({ id }) => id === sort)?.label ?? sort})`,
        `space ${frozen ? 'go on' : 'freeze'}`,
        recording,
      ]
  return [
    ...(message === '' ? [] : [fit(message, page.columns)]),
    `${page.ink.inverse(` ${keys.join('   ')} `)}${frozen ? page.ink.yellow(' frozen') : ''}`,
  ]
}
