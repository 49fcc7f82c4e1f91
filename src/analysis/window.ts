import type { RecordedData } from './index-records.ts'
import type { AnyRecord } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'

/** The mark that holdup sets when all its probes are in a target that ran before. */
export const ATTACHED = 'attached'

/** Agents flush five times a second: requests named at `t` began up to this much before. */
const FLUSH_MS = 200
const LOCKS: ReadonlySet<string> = new Set(['mutex', 'rwlock-read', 'rwlock-write', 'futex-lock'])

/** The part of a recording that was asked for, in its own time. */
export interface Span {
  from: Milliseconds
  to: Milliseconds
}

/** All of it. */
export const WHOLE: Span = { from: 0, to: Infinity }

/**
 * The part of the recording that a verdict can be had from: after the warm-up, from the first request to the last one.
 * Where no requests were seen, all after the warm-up. Of that what lies in `span`.
 */
export function chooseWindow(
  { header, records }: RecordedData,
  span: Span,
): { window: [Milliseconds, Milliseconds]; reason: string } {
  // Where holdup drove the load, its own readiness request is none.
  const driven = records.some((record) => record.k === 'load')
  const attachedAt = records.find((record) => record.k === 'mark' && record.label === ATTACHED)
  // What comes later was on its way while the probes stopped.
  const ended = records.findLast((record) => record.k === 'end')?.t ?? Infinity
  // What is asked one at a time after the load is held against it, and no part of it.
  const alone = records.findLast((record) => record.k === 'alone')
  const until = Math.min(span.to, alone?.began ?? Infinity)
  let first = Infinity
  let last = -Infinity
  let end = 0
  for (const record of records) {
    if (!('t' in record) || record.t > until) continue
    end = Math.max(end, Math.min(record.t, ended))
    const busy = driven
      ? record.k === 'load' && record.requests > 0
      : (record.k === 'http' && (record.started > 0 || record.finished > 0)) ||
        (record.k === 'native-requests' && record.requests > 0)
    if (record.t < span.from) continue
    // Requests of a client of ours began when its record did, those that an agent tells of up to a flush before.
    if (busy) first = Math.min(first, record.t - (record.k === 'load' ? record.ms : FLUSH_MS))
    if (busy || (record.t > first && isWaitedFor(record, driven))) last = Math.max(last, record.t)
  }
  // What was there before the attach is not born in the window, and what the attach itself costs is not the target's.
  const begun = attachedAt && 't' in attachedAt ? attachedAt.t : 0
  const from = Math.min(Math.max(begun + header.options.warmupMs, span.from), end)
  const after = `${header.options.warmupMs > 0 ? ' after the warm-up' : ''}${span === WHOLE ? '' : ', of the part asked for'}`
  if (last < from || first > last)
    return { window: [from, end], reason: `no requests were seen: the whole recording${after}` }
  const window: [number, number] = [Math.max(from, first, 0), Math.max(last, from)]
  return { window, reason: `from the first request to the last${alone ? ' of the load' : ''}${after}` }
}

/** Requests that get no answer are load too: those of a client of ours, and those of threads that wait for a lock. */
function isWaitedFor(record: AnyRecord, driven: boolean): boolean {
  if (driven) return record.k === 'load' && record.inFlight > 0
  return record.k === 'runtime-blocked' || (record.k === 'native-wait' && record.waiting > 0 && LOCKS.has(record.kind))
}
