import type { MeasuredSignals, SignalName } from '../analysis/signals.ts'
import type { Detector, DetectorResult, Finding } from './detector.ts'
import { catalogue } from './index.ts'
import { bySeverity, weighed } from './severity.ts'

/** Threshold values that replace defaults, by detector id and name. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Runs the whole catalogue in the order of deciding. Each detector gives exactly one result; one that throws never ends
 * the run. Where a judge says that the recording cannot bear a verdict, those of the target give none. A finding that
 * another one explains moves there as evidence, and its own detector answers `not-applicable`.
 */
export function runDetectors(
  signals: MeasuredSignals,
  overrides: Overrides = {},
  detectors: readonly Detector[] = catalogue,
): DetectorResult[] {
  const judges = detectors.filter(({ meta }) => meta.category === 'recording')
  const judged = new Map(judges.map((judge) => [judge.meta.id, runOne(judge, signals, overrides)]))
  const lacking = judges.flatMap(({ meta: { id, withholds } }) =>
    withholds && judged.get(id)?.findings.some(({ severity }) => severity !== 'info') ? [withholds] : [],
  )
  const results: DetectorResult[] = []
  for (const detector of detectors) {
    const { id } = detector.meta
    results.push(
      judged.get(id) ??
        (lacking.length > 0
          ? notApplicable(id, lacking)
          : runOne(detector, signals, overrides, claimed(detector, results))),
    )
  }
  return explain(results, detectors)
}

/** All findings: what is only information last, the others by gain where it is known, then threads held up, then severity. */
export function rankFindings(results: readonly DetectorResult[]): { id: string; finding: Finding }[] {
  const isInfo = (finding: Finding) => Number(finding.severity === 'info')
  return results
    .flatMap(({ id, findings }) => findings.map((finding) => ({ id, finding })))
    .toSorted(
      ({ finding: a }, { finding: b }) =>
        isInfo(a) - isInfo(b) ||
        (b.cost.gain ?? 0) - (a.cost.gain ?? 0) ||
        (b.cost.threadsHeldUp ?? 0) - (a.cost.threadsHeldUp ?? 0) ||
        bySeverity(a.severity, b.severity),
    )
}

/** A detector's title, its id where it has none. */
export function detectorTitle(id: string): string {
  return catalogue.find(({ meta }) => meta.id === id)?.meta.title ?? id
}

/** Locks that the findings of those it yields to are about. */
function claimed({ meta }: Detector, results: readonly DetectorResult[]): ReadonlySet<string> {
  const claims = results.filter(({ id }) => meta.yieldsTo?.includes(id)).flatMap(({ findings }) => findings)
  return new Set(claims.flatMap(({ locks }) => locks ?? []))
}

function runOne(
  detector: Detector,
  signals: MeasuredSignals,
  overrides: Overrides,
  claims: ReadonlySet<string> = new Set(),
): DetectorResult {
  const { meta } = detector
  const missing = meta.requires.filter((name: SignalName) => signals[name] === null)
  if (missing.length > 0) return notApplicable(meta.id, missing)
  const defaults = Object.entries(meta.thresholds).map(([name, threshold]) => [name, threshold.default] as const)
  const limits = { ...Object.fromEntries(defaults), ...overrides[meta.id] }
  try {
    const verdict = detector.detect({ signals, limits, claimed: claims })
    if ('missing' in verdict) return notApplicable(meta.id, verdict.missing)
    const findings = verdict.map((finding) => weighed(finding, signals))
    return { id: meta.id, status: findings.length > 0 ? 'found' : 'clean', missing: [], findings }
  } catch (error) {
    return {
      id: meta.id,
      status: 'failed',
      missing: [error instanceof Error ? error.message : String(error)],
      findings: [],
    }
  }
}

function notApplicable(id: string, missing: readonly string[]): DetectorResult {
  return { id, status: 'not-applicable', missing: [...missing], findings: [] }
}

/**
 * Moves explained findings to their causes. Causes stand before what they explain, so that a cause which is itself
 * explained is known to be when its turn to explain comes: its own cause gets the finding then.
 */
function explain(results: readonly DetectorResult[], detectors: readonly Detector[]): DetectorResult[] {
  const explained = new Map(results.map((result) => [result.id, { result, root: result.id }]))
  const judges = new Set(detectors.flatMap(({ meta: { id, category } }) => (category === 'recording' ? [id] : [])))
  for (const { meta } of detectors) {
    const entry = explained.get(meta.id)
    if (!entry || entry.result.status !== 'found') continue
    const causes = (meta.explainedBy ?? []).map((id) => explained.get(id))
    const cause = causes.find((other) => other && canExplain(explained.get(other.root)?.result, entry.result, judges))
    if (!cause) continue
    const root = explained.get(cause.root)
    if (root) root.result = withEvidence(root.result, entry.result)
    entry.root = cause.root
    entry.result = notApplicable(meta.id, [`explained by ${cause.root}`])
  }
  return [...explained.values()].map(({ result }) => ({
    ...result,
    findings: result.findings.map(forReport),
  }))
}

function forReport(finding: Finding): Finding {
  const { explains: _, ...rest } = finding
  return rest
}

/** What costs nothing is not the cause of what does, unless it says that the recording is no witness. */
function canExplain(cause: DetectorResult | undefined, effect: DetectorResult, judges: ReadonlySet<string>): boolean {
  if (cause?.status !== 'found' || cause.findings.some(({ explains }) => explains === false)) return false
  const isInfo = ({ findings }: DetectorResult) => findings.every(({ severity }) => severity === 'info')
  return judges.has(cause.id) || !isInfo(cause) || isInfo(effect)
}

/** The cause's first finding, with a row of evidence for each finding of its effect. */
function withEvidence(cause: DetectorResult, effect: DetectorResult): DetectorResult {
  const rows = effect.findings.map(({ evidence: [first], summary }) => ({
    ...(first ?? { name: effect.id, value: 1, unit: '', fidelity: 'exact' as const }),
    note: `${effect.id}: ${summary}`,
  }))
  const [main, ...others] = cause.findings
  return main ? { ...cause, findings: [{ ...main, evidence: [...main.evidence, ...rows] }, ...others] } : cause
}
