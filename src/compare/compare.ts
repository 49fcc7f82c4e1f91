/** Reports side by side: single runs, without a test of significance. */
import type { Report, ReportFinding } from '../report/model.ts'
import { windowSeconds } from '../report/thread-states.ts'
import { isFault, isJudged, rankedFindings } from '../report/ranked-findings.ts'
import type { Ratio } from '../units.ts'
import { COMPARISON_ROWS, type RowDefinition } from './rows.ts'

/** Single runs differ by more than this even when nothing changed: a smaller change is `same`, and so is less than the row's least. */
const SAME_WITHIN: Ratio = 0.05

/** What a reader must know before believing a row (two runs of one program differed up to 2× on a shared machine). */
const SINGLE_RUN_CAVEAT =
  'One run each: on a shared machine two runs of the same program can differ up to 2×. A claim needs several pairs, taken in turn.'

type Severity = ReportFinding['severity']

/** A report under the name of its column. */
export interface NamedReport {
  name: string
  report: Report
}

/** Against the first column: `changed` where the measure has no good direction, null where it cannot be said. */
export type Direction = 'better' | 'worse' | 'same' | 'changed' | null

/** One measure over all columns. */
export interface ComparisonRow {
  id: string
  label: string
  unit: string
  better: 'lower' | 'higher' | null
  /** By column; null where it was not measured. */
  values: (number | null)[]
  /** By column against the first: 0.5 is half as much again; null where it cannot be said, and for the first. */
  changes: (Ratio | null)[]
  directions: Direction[]
}

/** A finding at warning or over in any column. */
export interface ComparedFinding {
  id: string
  title: string
  /** By column; null where it was not found. */
  severities: (Severity | null)[]
  /** From the first to the second, `unclear` where one of them could not judge it; null when more than two are compared. */
  fate: 'gone' | 'new' | 'stayed' | 'unclear' | null
}

export interface Comparison {
  names: string[]
  rows: ComparisonRow[]
  findings: ComparedFinding[]
  caveat: string
}

/** Compares two reports or more with the first; rows that none of them measured are left out. */
export function compareReports(runs: readonly [NamedReport, NamedReport, ...NamedReport[]]): Comparison {
  const reports = runs.map(({ report }) => report)
  return {
    names: runs.map(({ name }) => name),
    rows: COMPARISON_ROWS.map((row) => compareRow(row, reports)).filter(({ values }) => values.some((v) => v !== null)),
    findings: compareFindings(reports),
    caveat: SINGLE_RUN_CAVEAT,
  }
}

/** Of the whole window: of runs that differ in length by more than a tenth neither is the better. */
const TOTALS: ReadonlySet<string> = new Set(['threads-created', 'workers-created'])

function compareRow(row: RowDefinition, reports: readonly Report[]): ComparisonRow {
  const { id, label, unit, better, read } = row
  const values = reports.map(read)
  const [first = null] = values
  const changes = values.map((value, column) =>
    column === 0 || first === null || value === null || first === 0 ? null : value / first - 1,
  )
  const seconds = reports.map(windowSeconds)
  const isAsLong = (column: number) => Math.abs((seconds[column] ?? 0) / (seconds[0] ?? 1) - 1) <= 0.1
  const directions = values.map((value, column) => {
    if (column === 0) return null
    const judged = TOTALS.has(id) && !isAsLong(column) ? { ...row, better: null } : row
    return direction(first, value, judged)
  })
  return { id, label, unit, better, values, changes, directions }
}

function direction(first: number | null, value: number | null, { better, least }: RowDefinition): Direction {
  if (first === null || value === null) return null
  const apart = Math.abs(value - first)
  if (apart < least || apart <= Math.abs(first) * SAME_WITHIN) return 'same'
  if (better === null) return 'changed'
  return value < first === (better === 'lower') ? 'better' : 'worse'
}

function compareFindings(reports: readonly Report[]): ComparedFinding[] {
  const faults = reports.map(({ results }) => rankedFindings(results).filter(isFault))
  const titles = new Map(faults.flat().map(({ id, title }) => [id, title]))
  return [...titles].map(([id, title]) => {
    const severities = faults.map((findings) => findings.find((finding) => finding.id === id)?.severity ?? null)
    const areJudged = reports.every(({ results }) => isJudged(results.find((result) => result.id === id)))
    return { id, title, severities, fate: reports.length === 2 ? fateOf(severities, areJudged) : null }
  })
}

function fateOf(
  [before, after]: readonly (Severity | null)[],
  areJudged: boolean,
): NonNullable<ComparedFinding['fate']> {
  if (!areJudged) return 'unclear'
  if (before === null) return 'new'
  return after === null ? 'gone' : 'stayed'
}
