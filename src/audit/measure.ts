/** The numbers of a report that a budget can name. */
import { COMPARISON_ROWS } from '../compare/rows.ts'
import { catalogue } from '../detectors/index.ts'
import { nearest } from '../nearest.ts'
import { type Report, reportSchema } from '../report/model.ts'

/** What a number of a report is in, as `formatQuantity` takes it; empty for a plain one. */
export type Unit = 'ms' | 's' | 'bytes' | 'ratio' | ''

/** A number of a report by its name. */
export interface Measure {
  unit: Unit
  /** A whole number of findings, which has no margin. */
  countsFindings: boolean
  /** Null where the report did not measure it. */
  read: (report: Report) => number | null
}

const SEVERITIES = ['critical', 'warning', 'info'] as const
const RATIOS = /^(share|mainThreadShare|ratio|utilization|mainThreadCpu|errorShare)$/

/**
 * The measure of a name: `signals.http.latencyMs.p99`, any number of report.json by its path; `rows.cpu-per-request`, a row of
 * `holdup compare`; `findings.critical`, `findings.global-mutex`, how many there are. Or what is wrong with the name.
 */
export function findMeasure(name: string): Measure | { problem: string } {
  const [first = '', ...rest] = name.split('.')
  if (first === 'findings') return findings(rest.join('.'))
  if (first === 'rows') return row(rest.join('.'))
  return number(name.split('.'))
}

function findings(of: string): Measure | { problem: string } {
  const measure = (read: Measure['read']): Measure => ({ unit: '', countsFindings: true, read })
  if (SEVERITIES.some((severity) => severity === of))
    return measure(({ results }) => {
      const found = results.flatMap(({ findings }) => findings.filter(({ severity }) => severity === of)).length
      // What did not get so far as to a verdict has no findings, which says nothing.
      return found > 0 || results.some(isOfTarget) ? found : null
    })
  if (catalogue.some(({ meta }) => meta.id === of))
    return measure(({ results }) => {
      const result = results.find(({ id }) => id === of)
      return result && gaveVerdict(result) ? result.findings.filter(({ severity }) => severity !== 'info').length : null
    })
  const meant = nearest(of, [...SEVERITIES, ...catalogue.map(({ meta }) => meta.id)])
  const hint = meant ? `: did you mean ${meant}?` : ` (holdup list)`
  return {
    problem: `findings.${of}: findings are counted by ${SEVERITIES.join(', ')} or the id of a detector${hint}`,
  }
}

type Result = Report['results'][number]

/** One that another finding explains has been judged, and is part of that. */
function gaveVerdict({ status, missing }: Result): boolean {
  return status === 'found' || status === 'clean' || missing.some((text) => text.startsWith('explained by '))
}

/** A verdict on the target, rather than on the recording. */
function isOfTarget(result: Result): boolean {
  const detector = catalogue.find(({ meta }) => meta.id === result.id)
  return gaveVerdict(result) && detector?.meta.category !== 'recording'
}

function row(id: string): Measure | { problem: string } {
  const found = COMPARISON_ROWS.find((candidate) => candidate.id === id)
  if (!found) return { problem: `rows.${id}: the rows are ${COMPARISON_ROWS.map((each) => each.id).join(', ')}` }
  const unit = found.unit === 'ms' || found.unit === 'bytes' || found.unit === 'ratio' ? found.unit : ''
  return { unit, countsFindings: false, read: found.read }
}

/** Anything in the model: the schema says whether there is such a number. */
function number(path: readonly string[]): Measure | { problem: string } {
  let schema: AnySchema | undefined = reportSchema
  for (const [i, key] of path.entries()) {
    const parent = unwrap(schema)
    schema = childOf(parent, key)
    if (!schema) {
      const known = Object.keys(parent.entries ?? {})
      const place = path.slice(0, i).join('.') || 'a report'
      return {
        problem: `${path.join('.')}: ${place} has no ${key}${known.length > 0 ? `, but ${known.join(', ')}` : ''}`,
      }
    }
  }
  const end = unwrap(schema)
  if (end.type !== 'number') {
    const inside = Object.keys(end.entries ?? {})
    return { problem: `${path.join('.')} is no number${inside.length > 0 ? `; it holds ${inside.join(', ')}` : ''}` }
  }
  return { unit: unitOf(path), countsFindings: false, read: (report) => readPath(report, path) }
}

interface AnySchema {
  type: string
  wrapped?: AnySchema
  entries?: Record<string, AnySchema>
  item?: AnySchema
  items?: AnySchema[]
}

function unwrap(schema: AnySchema): AnySchema {
  return schema.wrapped ? unwrap(schema.wrapped) : schema
}

function childOf(schema: AnySchema, key: string): AnySchema | undefined {
  if (schema.entries) return Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined
  if (!/^\d+$/.test(key)) return undefined
  return schema.item ?? schema.items?.[Number(key)]
}

function readPath(report: Report, path: readonly string[]): number | null {
  let value: unknown = report
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'number' ? value : null
}

function unitOf(path: readonly string[]): Unit {
  if (path.some((key) => key.endsWith('Ms'))) return 'ms'
  const last = path.at(-1) ?? ''
  if (last.endsWith('Bytes')) return 'bytes'
  if (/^(s|.*S)econds(Low|High)?$/.test(last)) return 's'
  return RATIOS.test(last) ? 'ratio' : ''
}
