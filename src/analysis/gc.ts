import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import type { Gc } from './signals.ts'
import { nameThreads, threadKey } from './thread-names.ts'

/** Garbage-collection pauses by thread of Node, by process of a JVM, whose pauses stop all its threads; null where neither tells. */
export function readGc(source: Source): Gc | null {
  const jvms = new Set([...toldByRuntime(source)].flatMap(([pid, of]) => (of === 'jvm' ? [pid] : [])))
  if (source.of('node').length === 0 && jvms.size === 0) return null
  const roleOf = nameThreads(source)
  const gc: Gc = {
    pauseSeconds: 0,
    share: 0,
    mainThreadShare: 0,
    stopsAll: false,
    longestMs: 0,
    typicalMs: 0,
    heapUsedPeakBytes: null,
    fidelity: 'exact',
  }
  for (const records of groupBy(source.within('gc'), threadKey).values()) {
    const ms = records.reduce((sum, record) => sum + record.ms, 0)
    const share = ms / source.windowMs
    gc.pauseSeconds += ms / 1000
    gc.share = Math.max(gc.share, share)
    // Of the worst, whichever it is.
    if (share >= gc.share && share > 0) {
      gc.stopsAll = records[0] !== undefined && jvms.has(records[0].pid)
      gc.typicalMs = typicalOf(records)
    }
    if (records[0] && roleOf(records[0]).nodeMain) gc.mainThreadShare = Math.max(gc.mainThreadShare, share)
    for (const record of records) for (const [, pause] of record.long) gc.longestMs = Math.max(gc.longestMs, pause)
  }
  for (const heap of source.within('heap')) gc.heapUsedPeakBytes = Math.max(gc.heapUsedPeakBytes ?? 0, heap.used)
  return gc
}

/** The length that half of the paused time is in pauses of, or longer; 0 where that is shorter than those which are told one by one. */
function typicalOf(records: readonly RecordOf<'gc'>[]): Milliseconds {
  let left = records.reduce((sum, { ms }) => sum + ms, 0) / 2
  const told = records.flatMap(({ long }) => long.map(([, ms]) => ms)).toSorted((a, b) => b - a)
  return told.find((ms) => (left -= ms) <= 0) ?? 0
}
