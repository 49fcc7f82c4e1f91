import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { shareWithin } from './overlap.ts'
import { coresOfTarget } from './processes.ts'
import type { Cgroup, RunQueue } from './signals.ts'
import type { Ratio } from '../units.ts'

/** Periods in which a quota was used up, and time for which run queues stood still for it: with less of either it is no matter. */
export const OFTEN: Ratio = 0.1
export const LONG: Ratio = 0.02

/** Whether the target was stopped so often that what lasted longer for it cannot be told from what lasts. */
export function isThrottled({ share, stopped }: Cgroup): boolean {
  return share >= OFTEN && stopped >= LONG
}

/** What a group without a quota counts. */
const UNLIMITED = { name: '', periods: 0, throttled: 0, share: 0, stopped: 0, shared: false }

/**
 * The control group that stops the target most often, of its own and those above; null where none was seen. The kernel adds up for
 * how long each core's run queue stood still: as many are in use as threads want to run.
 */
export function readCgroup(source: Source, runQueue: RunQueue | null): Cgroup | null {
  if (source.of('cgroup').length === 0) return null
  const [from, to] = source.window
  const records = source.of('cgroup').filter(({ t, ms }) => t >= from && t - ms <= to)
  const inUse = Math.max(1, Math.min(runQueue?.runnableThreads ?? 1, coresOfTarget(source)))
  const groups = [...groupBy(records, ({ name }) => name)].flatMap(([name, counted]) => {
    const cores = counted.at(-1)?.cores ?? null
    if (cores === null) return []
    const sum = (field: 'periods' | 'throttled' | 'throttledMs') =>
      counted.reduce(
        (all, record) => all + record[field] * shareWithin([record.t - record.ms, record.t], [from, to]),
        0,
      )
    const [periods, throttled] = [sum('periods'), sum('throttled')]
    const stopped = sum('throttledMs') / source.windowMs / inUse
    return [
      {
        name,
        cores,
        periods,
        throttled,
        share: throttled / Math.max(1, periods),
        stopped,
        shared: counted.at(-1)?.shared ?? false,
      },
    ]
  })
  const [worst] = groups.toSorted((a, b) => b.share - a.share || a.cores - b.cores)
  const cores = groups.length > 0 ? Math.min(...groups.map((group) => group.cores)) : null
  return { ...(worst ?? UNLIMITED), cores, fidelity: 'exact' }
}
