/** What a report's numbers are worth: the recording's quality, its probes, and what was not checked. */
import { formatNumber } from '../units.ts'
import type { Report, ReportResult } from './model.ts'

/** One statement about the recording; `sound` is false where it weakens the verdict. */
export interface QualityFact {
  text: string
  sound: boolean
}

/** Length, losses and completeness of the recording. */
export function recordingQuality({ recording, target }: Report): QualityFact[] {
  const judged = recording.window[1] - recording.window[0]
  const lossy = recording.probes.filter(({ dropped }) => dropped > 0)
  const losses = lossy.map(({ id, dropped }) => `${formatNumber(dropped)} by ${id}`)
  return [
    {
      text: `${formatNumber(judged)} of ${formatNumber(recording.seconds)} s judged: ${recording.windowReason}`,
      sound: judged > 0,
    },
    {
      text: losses.length > 0 ? `events dropped: ${losses.join(', ')}` : 'no event dropped',
      sound: losses.length === 0,
    },
    ...disagreements(recording),
    ...markFacts(recording),
    { text: recording.cutOff === null ? 'complete' : `cut off: ${recording.cutOff}`, sound: recording.cutOff === null },
    ...(target.exit ? [exitFact(target.exit)] : []),
  ]
}

function disagreements({ crossChecks }: Report['recording']): QualityFact[] {
  return crossChecks
    .filter(({ agrees }) => !agrees)
    .map(({ signal, unit, pid, value, by, low, high, against }) => ({
      text: `probes disagree on ${signal}${pid === null ? '' : ` of pid ${pid}`}: ${formatNumber(value)} ${unit} by ${by}, ${formatNumber(low)} to ${formatNumber(high)} by ${against}`,
      sound: false,
    }))
}

function markFacts({ marks }: Report['recording']): QualityFact[] {
  const times = marks.map(({ at }) => `${formatNumber(at)} s`)
  return times.length > 0 ? [{ text: `marked at ${times.join(', ')}`, sound: true }] : []
}

function exitFact({ code, signal }: NonNullable<Report['target']['exit']>): QualityFact {
  if (code === 0) return { text: 'the target exited with code 0', sound: true }
  // SIGTERM and SIGINT are how holdup and Ctrl-C end a target; some catch them and end with the code that a shell would.
  const asked = signal === 'SIGTERM' || signal === 'SIGINT' || code === 143 || code === 130
  return {
    text: signal === null ? `the target exited with code ${code}` : `the target was ended by ${signal}`,
    sound: asked,
  }
}

/** A probe in one line: `proc (sampled, 0.05 s CPU): cpu, threads`. */
export interface ProbeLine {
  id: string
  fidelity: 'exact' | 'sampled'
  /** Its CPU as cores over the recording. */
  cores: number
  signals: string[]
  note: string | null
}

/** The probes that measured, with what they cost. */
export function probeLines({ recording }: Report): ProbeLine[] {
  return recording.probes.map(({ id, fidelity, signals, cost, note }) => ({
    id,
    fidelity,
    cores: recording.seconds > 0 ? cost.cpuSeconds / recording.seconds : 0,
    signals,
    note: note ?? null,
  }))
}

/** A detector that gave no verdict and why. */
export interface Unchecked {
  id: string
  title: string
  reason: string
}

/** Signals that only programs of some runtimes have here. */
const OF_RUNTIMES: Record<string, string> = { workers: 'Node alone', eventLoop: 'Node alone', gc: 'Node and the JVM' }

/** Found, but an effect of another finding, whose evidence it is now. */
export function isExplained({ status, missing }: Pick<ReportResult, 'status' | 'missing'>): boolean {
  return status === 'not-applicable' && missing.some((reason) => reason.startsWith('explained by '))
}

/** Detectors that were not applicable (what was missing) or failed. */
export function notChecked(report: Report): Unchecked[] {
  return report.results.flatMap(({ id, title, status, missing }) => {
    if ((status !== 'not-applicable' && status !== 'failed') || isExplained({ status, missing })) return []
    // Where holdup drove no load there is nothing to check.
    if (missing.join() === 'client') return []
    const facts = missing.map((signal) => lacking(signal, report.target)).join(', ')
    return [{ id, title, reason: status === 'failed' ? `failed: ${facts}` : `not measured: ${facts}` }]
  })
}

/** Where the runtime itself is why a signal is missing, what would have it. */
function lacking(signal: string, { runtime }: Report['target']): string {
  if (signal === 'lockWait' && runtime === 'go')
    return 'lockWait, for Go parks goroutines itself: see its /debug/pprof/mutex'
  if (signal === 'lockWait' && runtime === 'jvm')
    return 'lockWait, for the JVM parks threads itself: see jcmd PID JFR.start'
  if (signal === 'scale') return 'scale, which takes holdup scale'
  const whose = runtime === 'node' ? undefined : OF_RUNTIMES[signal]
  return whose ? `${signal}, of ${whose}` : signal
}
