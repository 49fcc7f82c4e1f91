/** Two sets of reports, run by run in pairs: what differs, what does not, and what the runs are too few to tell. */
import type { Report } from '../report/model.ts'
import type { Ratio } from '../units.ts'
import { type Pair, type PairedChange, pairedChange } from './paired.ts'
import { COMPARISON_ROWS, type RowDefinition } from './rows.ts'
import { compareFindings, type SetFinding } from './set-findings.ts'

/** Fewer pairs tell nothing: the interval of four that is corrected over the rows reaches from a third to the triple. */
const LEAST_PAIRS = 5
/** Of all rows together: of twenty tables of a program against itself one may name a difference. */
const FALSE_TABLES: Ratio = 0.05
/** A smaller change, however sure, is no difference to anybody. */
const LEAST_CHANGE: Ratio = 0.01
/** Said by another row already: each row more makes the intervals of all others wider. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'in-flight-peak',
  'threads-created',
  'workers-created',
  'workers-per-request',
])

/** Reports of runs in the order in which they pair with those of the other set. */
export interface ReportSet {
  name: string
  reports: readonly Report[]
}

/** `changed`: it differs, and the measure has no good direction. */
type Verdict = 'better' | 'worse' | 'changed' | 'no difference' | 'too few runs'

/** One measure of both sets. */
export interface SetRow {
  id: string
  label: string
  unit: string
  better: 'lower' | 'higher' | null
  /** Medians over the runs; null where none measured it. */
  before: number | null
  after: number | null
  /** Pairs of which both runs measured it. */
  pairs: number
  /** Null with fewer than two pairs. */
  change: PairedChange | null
  verdict: Verdict
}

export interface SetComparison {
  before: string
  after: string
  runs: { before: number; after: number }
  /** Runs that pair. */
  pairs: number
  rows: SetRow[]
  findings: SetFinding[]
  /** What each row's interval is held to, and how the whole table was judged. */
  confidence: Ratio
  caveat: string
}

/** Compares two sets; the n-th report of one pairs with the n-th of the other. Rows that nobody measured are left out. */
export function compareSets(before: ReportSet, after: ReportSet): SetComparison {
  const pairs = Math.min(before.reports.length, after.reports.length)
  const measured = COMPARISON_ROWS.filter(({ id }) => !LEFT_OUT.has(id)).map((row) => ({
    row,
    before: before.reports.map(row.read),
    after: after.reports.map(row.read),
  }))
  const seen = measured.filter(({ before, after }) => [...before, ...after].some((value) => value !== null))
  // Bonferroni over the rows that can differ at all: one whose pairs are all equal names no difference, true or false.
  const open = seen.filter((values) => pairsOf(values).some(([a, b]) => a !== b)).length
  const alpha = FALSE_TABLES / Math.max(1, open)
  return {
    before: before.name,
    after: after.name,
    runs: { before: before.reports.length, after: after.reports.length },
    pairs,
    rows: seen.map((values) => compareRow(values, alpha)),
    findings: compareFindings(before.reports, after.reports, FALSE_TABLES),
    confidence: 1 - alpha,
    caveat: caveatOf(pairs, open),
  }
}

interface Values {
  row: RowDefinition
  before: readonly (number | null)[]
  after: readonly (number | null)[]
}

function pairsOf({ before, after }: Values): Pair[] {
  return before.flatMap((a, i) => {
    const b = after[i] ?? null
    return a === null || b === null ? [] : [[a, b] as const]
  })
}

function compareRow(values: Values, alpha: Ratio): SetRow {
  const { row } = values
  const pairs = pairsOf(values)
  const [before, after] = [median(values.before), median(values.after)]
  const change = pairs.length < 2 ? null : pairedChange(pairs, alpha)
  const apart = before === null || after === null ? 0 : Math.abs(after - before)
  const matters = apart >= row.least && apart >= LEAST_CHANGE * Math.abs(before ?? 0)
  const verdict: Verdict =
    pairs.length < LEAST_PAIRS
      ? 'too few runs'
      : change !== null && matters && (change.low > 0 || change.high < 0)
        ? direction(change, row.better)
        : 'no difference'
  const { id, label, unit, better } = row
  return { id, label, unit, better, before, after, pairs: pairs.length, change, verdict }
}

function direction({ change }: PairedChange, better: RowDefinition['better']): Verdict {
  if (better === null) return 'changed'
  return change < 0 === (better === 'lower') ? 'better' : 'worse'
}

/** Of what was measured; null of nothing. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

function caveatOf(pairs: number, rows: number): string {
  if (pairs < LEAST_PAIRS)
    return `Too few runs: ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}, and ${LEAST_PAIRS} are needed, 7 better, taken in turn, to tell a change from noise.`
  return `${pairs} pairs of runs. Intervals hold for all ${rows} rows together with 95 %; a change under 1 % is called no difference. They say nothing unless the runs were taken in turn.`
}
