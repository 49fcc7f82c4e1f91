import type { Milliseconds, Ratio } from '../units.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { shareWithin } from './overlap.ts'

/** Share of a record of a process that lies in the window. */
export type ShareOf = (record: { t: Milliseconds; pid: number }) => Ratio

/**
 * Share of a native agent's record that lies in the window: it covers the time since the table of its process was read
 * before, or since that began.
 */
export function nativeShares(source: Source): ShareOf {
  const before = new Map<string, Milliseconds>()
  for (const [pid, records] of groupBy(source.of('native-threads'), (record) => record.pid)) {
    let from = source.of('native').find((record) => record.pid === pid)?.t ?? 0
    for (const { t } of records) {
      before.set(`${pid} ${t}`, Math.min(from, t))
      from = t
    }
  }
  return ({ t, pid }) => shareWithin([before.get(`${pid} ${t}`) ?? t, t], source.window)
}
