import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import type { Client } from './signals.ts'

/** What holdup's own load driver was short of; null where it drove no load, or an older holdup did. */
export function readClient(source: Source): Client | null {
  const records = source.within('load').filter(({ cpuMs }) => cpuMs !== undefined)
  if (records.length === 0) return null
  const ms = records.reduce((sum, record) => sum + record.ms, 0)
  const rate = (of: 'cpuMs' | 'busyMs') => records.reduce((sum, record) => sum + (record[of] ?? 0), 0) / Math.max(1, ms)
  const pacing = records.flatMap(({ pacing }) => (pacing ? [pacing] : []))
  return {
    cores: rate('cpuMs'),
    machineCores: source.header.host.cores,
    idleCores: Math.max(0, source.header.host.cores - rate('busyMs')),
    lagMs: quantiles(mergeHistograms(records.map(({ lag }) => lag ?? []))),
    pacingMs: pacing.length > 0 ? quantiles(mergeHistograms(pacing)) : null,
    queuedPeak: pacing.length > 0 ? Math.max(...records.map(({ queued }) => queued ?? 0)) : null,
  }
}
