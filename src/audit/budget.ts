/** `signals.http.latencyMs.p99 < 100ms`: a number of a report, and the limit that it must hold. */
import { formatQuantity } from '../report/quantity.ts'
import type { Ratio } from '../units.ts'
import { findMeasure, type Measure, type Unit } from './measure.ts'

type Comparator = '<' | '<=' | '>' | '>=' | '='

export interface Budget {
  text: string
  /** What of the report: `signals.http.latencyMs.p99`. */
  name: string
  measure: Measure
  comparator: Comparator
  limit: Limit
}

/** A number in the measure's unit; of the baseline, `factor` times it and `plus` more. */
type Limit = { value: number } | { factor: number; plus: number }

/** In the unit of the measure that they fit. */
const UNITS: Record<string, { unit: Unit; factor: number }> = {
  us: { unit: 'ms', factor: 0.001 },
  µs: { unit: 'ms', factor: 0.001 },
  ms: { unit: 'ms', factor: 1 },
  s: { unit: 'ms', factor: 1000 },
  B: { unit: 'bytes', factor: 1 },
  kB: { unit: 'bytes', factor: 1e3 },
  MB: { unit: 'bytes', factor: 1e6 },
  GB: { unit: 'bytes', factor: 1e9 },
  KiB: { unit: 'bytes', factor: 2 ** 10 },
  MiB: { unit: 'bytes', factor: 2 ** 20 },
  GiB: { unit: 'bytes', factor: 2 ** 30 },
  '%': { unit: 'ratio', factor: 0.01 },
}
const BUDGET = /^\s*(\S+?)\s*(<=|>=|==|<|>|=|≤|≥)\s*(.+?)\s*$/
const QUANTITY = /^(-?\d+(?:\.\d+)?(?:e\d+)?)\s*([a-zA-Zµ%]*)$/
const BASELINE = /^baseline(?:\s*([+-])\s*(\S.*))?$/
const SAME: Record<string, Comparator> = { '==': '=', '≤': '<=', '≥': '>=' }

/** The budget, or what is wrong with it. */
export function parseBudget(text: string): Budget | { problem: string } {
  const [, name, sign, given] = BUDGET.exec(text) ?? []
  if (name === undefined || sign === undefined || given === undefined)
    return {
      problem: `"${text}" is no budget, which is "signals.http.latencyMs.p99 < 100ms", or "… <= baseline + 10%"`,
    }
  const measure = findMeasure(name)
  if ('problem' in measure) return measure
  const limit = parseLimit(given, measure.unit)
  if ('problem' in limit) return { problem: `"${text}": ${limit.problem}` }
  return { text: text.trim(), name, measure, comparator: SAME[sign] ?? (sign as Comparator), limit }
}

function parseLimit(given: string, unit: Unit): Limit | { problem: string } {
  const baseline = BASELINE.exec(given)
  if (!baseline) {
    const value = parseQuantity(given, unit)
    return typeof value === 'number' ? { value } : value
  }
  const [, sign, more] = baseline
  if (more === undefined) return { factor: 1, plus: 0 }
  const way = sign === '-' ? -1 : 1
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(more)
  if (share) return { factor: 1 + (way * Number(share[1])) / 100, plus: 0 }
  const plus = parseQuantity(more, unit)
  return typeof plus === 'number' ? { factor: 1, plus: way * plus } : plus
}

function parseQuantity(given: string, unit: Unit): number | { problem: string } {
  const [, number, suffix = ''] = QUANTITY.exec(given) ?? []
  if (number === undefined) return { problem: `"${given}" is no number, nor the baseline` }
  if (suffix === '') return Number(number)
  const known = UNITS[suffix]
  // Seconds are their own unit, told by the same words as milliseconds.
  const factor = known?.unit === unit ? known.factor : known?.unit === 'ms' && unit === 's' ? known.factor / 1000 : null
  if (factor !== null) return Number(number) * factor
  const fits = Object.entries(UNITS).flatMap(([name, each]) =>
    each.unit === unit || (unit === 's' && each.unit === 'ms') ? [name] : [],
  )
  return {
    problem: `it is ${fits.length > 0 ? `in ${fits.join(', ')}` : 'a number without a unit'}, not in "${suffix}"`,
  }
}

/** Whether the budget needs a baseline. */
export function needsBaseline({ limit }: Budget): boolean {
  return 'factor' in limit
}

/** The limit as a number; null where the baseline lacks it. */
export function limitOf({ limit }: Budget, baseline: number | null): number | null {
  if ('value' in limit) return limit.value
  return baseline === null ? null : baseline * limit.factor + limit.plus
}

/** Whether a value holds. */
export function holds({ comparator }: Budget, value: number, limit: number): boolean {
  if (comparator === '=') return value === limit
  if (comparator === '<') return value < limit
  if (comparator === '<=') return value <= limit
  return comparator === '>' ? value > limit : value >= limit
}

/**
 * Whether another run could say otherwise: within `margin` of the limit; of findings, and where the limit is 0, one too many or too
 * few.
 */
export function isNear({ measure }: Budget, value: number, limit: number, margin: Ratio): boolean {
  const apart = Math.abs(value - limit)
  return measure.countsFindings || limit === 0 ? apart > 0 && apart <= 1 : apart <= Math.abs(limit) * margin
}

/** `137 ms`, in the measure's unit. */
export function quantity({ measure }: Budget, value: number | null): string {
  return value === null ? 'not measured' : formatQuantity(value, measure.unit)
}
