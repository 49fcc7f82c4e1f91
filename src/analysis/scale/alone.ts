import { summariseLoad } from '../http.ts'
import type { RecordedData } from '../index-records.ts'
import type { Alone, Analysis, MeasuredSignals } from '../signals.ts'
import type { Ratio } from '../../units.ts'
import { readPoint } from './point.ts'

/** Fewer requests of the one connection say nothing. */
const REQUESTS = 2
/** Of the load's requests, that wait for an acknowledgement: with fewer the one connection's do not either, and another try says nothing more. */
const UNACKED: Ratio = 0.05

/** What one connection was answered after the load, beside the load's own window and signals; null where none was tried. */
export function readAlone(
  { records }: RecordedData,
  [from, to]: Analysis['window'],
  signals: MeasuredSignals,
): Alone | null {
  const load = records.filter((record) => record.k === 'load')
  const tried = records
    .filter((record) => record.k === 'alone')
    // What of the load waits for acknowledgements must be known where the one does not.
    .filter(({ fresh, connections }) => !fresh || (signals.clientSockets?.unacked ?? 0) >= UNACKED * connections)
    .map((record) => ({ ...record, ...summariseLoad(load, [record.from, record.t]) }))
    .filter(({ requests, latencyMs }) => requests >= REQUESTS && latencyMs.mean > 0)
  const [alone] = tried.toSorted((a, b) => a.latencyMs.mean - b.latencyMs.mean)
  if (!alone) return null
  const { requests, latencyMs, connections } = alone
  // One after the other, so that even few say it: a count would be off by up to one.
  const perSecond = 1000 / latencyMs.mean
  const step = { k: 'step' as const, t: to, from, connections, of: 'ramp' as const }
  return { load: readPoint(step, signals, { slo: null, maxErrors: 0 }), requests, perSecond, latencyMs }
}
