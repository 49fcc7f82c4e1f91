import { analyseWindow } from '../analysis/analyse.ts'
import type { RecordedData } from '../analysis/index-records.ts'
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

/** What is kept of it, for analysis. */
export function recentData(recent: RecentRecords, header: Header, t: Milliseconds): RecordedData {
  return { header, records: recent.at(t), strings: recent.strings, stacks: recent.stacks, problems: { cutOff: null } }
}

/** The report on a part of what is kept of it. */
export function windowReport(
  recent: RecentRecords,
  header: Header,
  window: [Milliseconds, Milliseconds],
  t: Milliseconds,
): Report {
  const data = recentData(recent, header, t)
  const drawFrom = Math.max(0, t - HISTORY_MS)
  const analysis = analyseWindow(data, window, 'the last seconds', drawFrom)
  // Its length is ours to choose: that it is short is no finding.
  const results = runDetectors(analysis.signals, { 'recording-too-short': { seconds: 0, requests: 0 } })
  return buildReport({
    recording: { ...data, file: '' },
    analysis,
    results,
    stacks: [],
    generated: { at: new Date().toISOString(), holdup: VERSION },
  })
}
