/** What `holdup top` shows: what costs most now, the last half minute, thread time and locks. */
import { formatMs, formatNumber } from '../../units.ts'
import type { Report } from '../model.ts'
import { isFault, rankedFindings } from '../ranked-findings.ts'
import { type GroupOrder, THREAD_STATES } from '../thread-states.ts'
import { plainText } from '../plain-text.ts'
import { lockLines } from './locks.ts'
import { fit, type Page, spread, wrap } from './page.ts'
import { latestLines } from './series.ts'
import { threadTimeLines } from './thread-time.ts'

/** What the key for it sorts thread groups by, one after the other. */
export const SORTS = ['cost', 'onCpu', 'runnable', 'lockWait', 'ioWait'] as const satisfies readonly GroupOrder[]
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
    latestLines(page, report),
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
    plainText(summary, 1000),
  ]
  return `${clock}  ${facts.filter((fact) => fact !== null).join(' · ')}`
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
