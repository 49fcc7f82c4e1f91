import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import type { Gc } from './signals.ts'
import { nameThreads, threadKey } from './thread-names.ts'

/** Garbage-collection pauses by thread; null without the agent. */
export function readGc(source: Source): Gc | null {
  if (source.of('node').length === 0) return null
  const roleOf = nameThreads(source)
  const gc: Gc = {
    pauseSeconds: 0,
    share: 0,
    mainThreadShare: 0,
    longestMs: 0,
    heapUsedPeakBytes: null,
    fidelity: 'exact',
  }
  for (const records of groupBy(source.within('gc'), threadKey).values()) {
    const ms = records.reduce((sum, record) => sum + record.ms, 0)
    const share = ms / source.windowMs
    gc.pauseSeconds += ms / 1000
    gc.share = Math.max(gc.share, share)
    if (records[0] && roleOf(records[0]).nodeMain) gc.mainThreadShare = Math.max(gc.mainThreadShare, share)
    for (const record of records) for (const [, pause] of record.long) gc.longestMs = Math.max(gc.longestMs, pause)
  }
  for (const heap of source.within('heap')) gc.heapUsedPeakBytes = Math.max(gc.heapUsedPeakBytes ?? 0, heap.used)
  return gc
}
