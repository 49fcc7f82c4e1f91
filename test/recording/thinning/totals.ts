/** What thinning must not change. */
import type { AnyRecord, Histogram } from '../../../src/recording/schema.ts'
import { DELTA_RULES } from '../../../src/recording/thinning/merge-records.ts'
import type { DeltaKind } from '../../../src/recording/thinning/merge-records.ts'
import { rowsOf } from '../../../src/recording/sweep.ts'

type Fields = Record<string, unknown>

/** Sums, maxima, minima and histogram counts of the kinds that count since the record before, by kind and field. */
export function deltaTotals(records: readonly AnyRecord[]): Record<string, number> {
  const totals: Record<string, number> = {}
  for (const record of records) {
    if (!(record.k in DELTA_RULES)) continue
    const fields = record as unknown as Fields
    const { add, max = [], min = [], histograms = [] } = DELTA_RULES[record.k as DeltaKind]
    const put = (how: string, field: string, value: number, join: (a: number, b: number) => number) => {
      const name = `${record.k}.${field} ${how}`
      totals[name] = name in totals ? join(totals[name] ?? 0, value) : value
    }
    for (const field of add) put('sum', field, (fields[field] ?? 0) as number, (a, b) => a + b)
    for (const field of max) put('max', field, fields[field] as number, Math.max)
    for (const field of min) put('min', field, fields[field] as number, Math.min)
    for (const field of histograms) {
      for (const [value, count] of (fields[field] ?? []) as Histogram) {
        put('count', field, count, (a, b) => a + b)
        put('highest', field, value, Math.max)
        put('lowest', field, value, Math.min)
      }
    }
  }
  return totals
}

/** First and last record of each cumulative series, of `threads` by thread. */
export function ends(records: readonly AnyRecord[]): Record<string, { first: unknown; last: unknown }> {
  const series: Record<string, { first: unknown; last: unknown }> = {}
  const see = (name: string, value: unknown) => {
    series[name] ??= { first: value, last: value }
    series[name].last = value
  }
  for (const record of records) {
    if (record.k === 'proc' || record.k === 'usage' || record.k === 'heap') {
      see(`${record.k} ${record.pid} ${'tid' in record ? record.tid : ''}`, { ...record, pss: 0, sockets: 0 })
    }
    if (record.k !== 'threads') continue
    for (const [tid, ...row] of rowsOf(record)) see(`threads ${record.pid} ${tid}`, { t: record.t, row })
  }
  return series
}
