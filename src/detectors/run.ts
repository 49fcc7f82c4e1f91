import type { MeasuredSignals, SignalName } from '../analysis/signals.ts'
import type { Detector, DetectorResult, Finding, Severity } from './detector.ts'
import { catalogue } from './index.ts'

/** Judges whose finding means that nothing can be said of the target. */
const NO_VERDICT = { 'no-load': 'load' } as const
const SEVERITY_ORDER: readonly Severity[] = ['critical', 'warning', 'info']

/** Threshold values that replace defaults, by detector id and name. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Runs the whole catalogue in the order of deciding. Each detector gives exactly one result; one that throws never ends
 * the run. A finding that another one explains moves there as evidence, and its own detector answers `not-applicable`.
 */
export function runDetectors(signals: MeasuredSignals, overrides: Overrides = {}, detectors = catalogue): DetectorResult[] {
  const judges = detectors.filter(({ meta }) => meta.category === 'recording')
  const judged = new Map(judges.map((judge) => [judge.meta.id, runOne(judge, signals, overrides)]))
  const missing = Object.entries(NO_VERDICT).flatMap(([id, what]) => (judged.get(id)?.status === 'found' ? [what] : []))
  const results = detectors.map(
    (detector) =>
      judged.get(detector.meta.id) ??
      (missing.length > 0 ? notApplicable(detector.meta.id, missing) : runOne(detector, signals, overrides)),
  )
  return explain(results, detectors)
}

/** All findings: by gain where it is known, then threads held up, then severity. */
export function rankFindings(results: readonly DetectorResult[]): { id: string; finding: Finding }[] {
  const all = results.flatMap(({ id, findings }) => findings.map((finding) => ({ id, finding })))
  const rank = ({ finding }: { finding: Finding }) => SEVERITY_ORDER.indexOf(finding.severity)
  const isInfo = ({ finding }: { finding: Finding }) => Number(finding.severity === 'info')
  return all.toSorted(
    (a, b) =>
      isInfo(a) - isInfo(b) ||
      (b.finding.cost.gain ?? 0) - (a.finding.cost.gain ?? 0) ||
      (b.finding.cost.threadsHeldUp ?? 0) - (a.finding.cost.threadsHeldUp ?? 0) ||
      rank(a) - rank(b),
  )
}

/** A detector's title, its id where it has none. */
export function detectorTitle(id: string): string {
  return catalogue.find(({ meta }) => meta.id === id)?.meta.title ?? id
}

function runOne({ meta, detect }: Detector, signals: MeasuredSignals, overrides: Overrides): DetectorResult {
  const missing = meta.requires.filter((name: SignalName) => signals[name] === null)
  if (missing.length > 0) return notApplicable(meta.id, missing)
  const defaults = Object.entries(meta.thresholds).map(([name, threshold]) => [name, threshold.default] as const)
  const limits = { ...Object.fromEntries(defaults), ...overrides[meta.id] }
  try {
    const findings = detect({ signals, limits })
    return { id: meta.id, status: findings.length > 0 ? 'found' : 'clean', missing: [], findings }
  } catch (error) {
    return { id: meta.id, status: 'failed', missing: [error instanceof Error ? error.message : String(error)], findings: [] }
  }
}

function notApplicable(id: string, missing: readonly string[]): DetectorResult {
  return { id, status: 'not-applicable', missing: [...missing], findings: [] }
}

/** Moves explained findings to their cause; a cause that is itself explained passes them on. */
function explain(results: DetectorResult[], detectors: readonly Detector[]): DetectorResult[] {
  const byId = new Map(results.map((result) => [result.id, result]))
  const causeOf = (id: string, seen: readonly string[] = []): string | undefined => {
    const { explainedBy = [] } = detectors.find(({ meta }) => meta.id === id)?.meta ?? {}
    const cause = explainedBy.find((other) => !seen.includes(other) && byId.get(other)?.status === 'found')
    return cause === undefined ? undefined : (causeOf(cause, [...seen, id]) ?? cause)
  }
  return results.map((result) => {
    const cause = result.status === 'found' ? causeOf(result.id) : undefined
    const target = cause === undefined ? undefined : byId.get(cause)?.findings[0]
    if (cause === undefined || !target) return result
    for (const finding of result.findings) {
      const [first] = finding.evidence
      if (first) target.evidence.push({ ...first, note: `${result.id}: ${finding.summary}` })
    }
    return notApplicable(result.id, [`explained by ${cause}`])
  })
}
