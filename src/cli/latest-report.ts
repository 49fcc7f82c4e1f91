import { analyseWindow } from '../analysis/analyse.ts'
import { runDetectors } from '../detectors/run.ts'
import type { RecentRecords } from '../recording/recent.ts'
import type { Header } from '../recording/schema.ts'
import { buildReport } from '../report/build.ts'
import type { Report } from '../report/model.ts'
import type { Milliseconds } from '../units.ts'
import { VERSION } from './version.ts'

/** What a live view is about. */
export const WINDOW_MS = 10_000
/** Workers tell of their waits each 2 s: what is newer is not all there. */
export const LAG_MS = 2000
/** Of the timelines. */
const HISTORY_MS = 30_000

/** The report on the last ten seconds of a recording that is being made. */
export function latestReport(recent: RecentRecords, header: Header, t: Milliseconds): Report {
  const to = Math.max(0, t - LAG_MS)
  return windowReport(recent, header, [Math.max(0, to - WINDOW_MS), to], t)
}

/** The report on a part of what is kept of it. */
export function windowReport(
  recent: RecentRecords,
  header: Header,
  window: [Milliseconds, Milliseconds],
  t: Milliseconds,
): Report {
  const records = recent.at(t)
  const { strings, stacks } = recent
  const problems = { cutOff: null }
  const drawFrom = Math.max(0, t - HISTORY_MS)
  const analysis = analyseWindow({ header, records, strings, stacks, problems }, window, 'the last seconds', drawFrom)
  // Its length is ours to choose: that it is short is no finding.
  const results = runDetectors(analysis.signals, { 'recording-too-short': { seconds: 0, requests: 0 } })
  return buildReport({
    recording: { header, records, file: '', problems },
    analysis,
    results,
    stacks: [],
    generated: { at: new Date().toISOString(), holdup: VERSION },
  })
}
