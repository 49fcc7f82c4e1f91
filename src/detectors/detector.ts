/** The contract of a detector: analysis in, findings out. */
import type { MeasuredSignals, SignalName, Signals } from '../analysis/signals.ts'

export type Severity = 'critical' | 'warning' | 'info'

/** A limit a detector judges by; `source` says where the number comes from. */
export interface Threshold {
  default: number
  unit: string
  description: string
  source: string
}

export interface DetectorMeta {
  /** The pattern's name: also its file, test, docs page and fixture. */
  id: string
  title: string
  category: 'locks' | 'threads' | 'event-loop' | 'memory' | 'cpu' | 'recording'
  requires: readonly SignalName[]
  thresholds: Readonly<Record<string, Threshold>>
  /** Signals that sharpen the verdict where they were measured; null otherwise. */
  optional?: readonly SignalName[]
  /**
   * Ids of findings that, when found, explain this one: it then becomes their evidence. They stand before it in index.ts. What is only
   * information explains nothing worse, but for judges of the recording.
   */
  explainedBy?: readonly string[]
  /** Ids of detectors whose findings claim locks that this one then does not judge. They stand before it in index.ts. */
  yieldsTo?: readonly string[]
  /** Of a judge: what the target's detectors lack, and so give no verdict, when it finds a fault at warning or over. */
  withholds?: string
  /** Why there is no fixture pair for it. */
  unpaired?: string
}

/** A number that bears the finding, with the limit it passed where there is one. */
export interface Evidence {
  /** `threads held up`. */
  name: string
  value: number
  unit: string
  /** The limit that it was held against. */
  limit?: number
  fidelity: 'exact' | 'sampled'
  note?: string
}

/** Where in the code, leaf first. */
export interface Place {
  /** `waiters`, `holder`, `created at`, `on CPU`. */
  role: string
  stack: string[]
  /** Share of the whole, 0 to 1. */
  share?: number
}

export interface Finding {
  severity: Severity
  /** One sentence with its number and its limit. */
  summary: string
  /**
   * threadsHeldUp: how many threads, or requests where `unit` says so, stood waiting for this, on average; gain: throughput without it,
   * of today's, under the same load; null where that can't be told.
   */
  cost: { threadsHeldUp: number | null; gain: number | null; unit?: 'requests' }
  evidence: Evidence[]
  where: Place[]
  advice: string
  /** Ids of the locks that it is about. */
  locks?: string[]
  /** False: these locks are only a part of what it costs, and what it would buy does not follow from them. */
  areAll?: false
  /** False: it hides nothing that it would else explain. */
  explains?: false
  /** Threads that wait on CPU, on average: what it is about, where that is no lock which they queue for. */
  spinning?: number
}

type Status = 'found' | 'clean' | 'not-applicable' | 'failed'

export interface DetectorResult {
  id: string
  status: Status
  /** What was missing, for `not-applicable`; the error, for `failed`. */
  missing: string[]
  findings: Finding[]
}

/** Findings, none of them for a clean target; or what would be needed for a verdict. */
export type Verdict = Finding[] | { missing: string[] }

/** Threshold values by name. */
export type Limits<T extends Readonly<Record<string, Threshold>>> = { readonly [N in keyof T]: number }

export interface Detector {
  meta: DetectorMeta
  detect(input: {
    signals: MeasuredSignals
    limits: Readonly<Record<string, number>>
    /** Ids of locks that a finding of those in `yieldsTo` is about. */
    claimed: ReadonlySet<string>
  }): Verdict
}

/** What a detector can read: required signals as they are, optional ones or null, no others. */
type Readable<R extends readonly SignalName[], O extends readonly SignalName[]> = {
  [S in R[number]]: Signals[S]
} & { [S in O[number]]: Signals[S] | null }

/**
 * Declares a detector. Only the signals named in `requires` and `optional` can be read (a compile error otherwise); the
 * runner answers `not-applicable` when a required one was not measured.
 */
export function defineDetector<
  const R extends readonly SignalName[],
  const T extends Readonly<Record<string, Threshold>>,
  const O extends readonly SignalName[] = [],
>(definition: {
  meta: DetectorMeta & { requires: R; optional?: O; thresholds: T }
  detect(input: { signals: Readable<R, O>; limits: Limits<T>; claimed: ReadonlySet<string> }): Verdict
}): Detector {
  // The runner has checked `requires` and filled `limits` from `thresholds` before it calls.
  return definition as unknown as Detector
}
