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
    heapUsedPeakBytes: null,
    fidelity: 'exact',
  }
  for (const records of groupBy(source.within('gc'), threadKey).values()) {
    const ms = records.reduce((sum, record) => sum + record.ms, 0)
    const share = ms / source.windowMs
    gc.pauseSeconds += ms / 1000
    gc.share = Math.max(gc.share, share)
    // Of the worst, whichever it is.
    if (share >= gc.share && share > 0) gc.stopsAll = records[0] !== undefined && jvms.has(records[0].pid)
    if (records[0] && roleOf(records[0]).nodeMain) gc.mainThreadShare = Math.max(gc.mainThreadShare, share)
    for (const record of records) for (const [, pause] of record.long) gc.longestMs = Math.max(gc.longestMs, pause)
  }
  for (const heap of source.within('heap')) gc.heapUsedPeakBytes = Math.max(gc.heapUsedPeakBytes ?? 0, heap.used)
  return gc
}
