import type { Ratio } from '../units.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { shareWithin } from './overlap.ts'
import type { AcceptQueue } from './signals.ts'
import { scheduled, type ThreadSamples } from './thread-samples.ts'

/** Threads that use less CPU than this share of what the busiest one does serve no requests: they log, or tell the time. */
const SERVES: Ratio = 0.1

/** The port at which most connections waited to be accepted; null where the target was not seen to listen on any. */
export function readAcceptQueue(source: Source, threads: ReadonlyMap<string, ThreadSamples>): AcceptQueue | null {
  const listeners = source.of('listener')
  const [first] = listeners
  if (!first) return null
  const queues = [...groupBy(source.of('accept-queue'), ({ port }) => port)].map(([port, records]) => {
    const sum = (field: 'waitingMs' | 'someMs') =>
      records.reduce((all, each) => all + each[field] * shareWithin([each.t - each.ms, each.t], source.window), 0)
    const seen = records.filter(({ t }) => t > source.window[0] && t <= source.window[1])
    return {
      port,
      waiting: sum('waitingMs') / source.windowMs,
      peak: Math.max(0, ...seen.map(({ peak }) => peak)),
      seconds: sum('someMs') / 1000,
    }
  })
  const [longest] = queues.toSorted((a, b) => b.waiting - a.waiting)
  const queue = longest ?? { port: first.port, waiting: 0, peak: 0, seconds: 0 }
  const pids = new Set(listeners.filter(({ port }) => port === queue.port).map(({ pid }) => pid))
  return { ...queue, opened: openedBy(pids, source), ...servingThreads(pids, source, threads), fidelity: 'sampled' }
}

/** Sockets of some processes beside the one that listens, on average; null where they could not be seen. */
function openedBy(pids: ReadonlySet<number>, source: Source): number | null {
  const counts = source.within('proc').filter(({ pid, sockets }) => pids.has(pid) && sockets !== undefined)
  if (counts.length === 0) return null
  const means = [...groupBy(counts, ({ pid }) => pid).values()].map((own) => {
    const mean = own.reduce((sum, { sockets = 0 }) => sum + sockets, 0) / own.length
    return Math.max(0, mean - 1)
  })
  return means.reduce((sum, mean) => sum + mean, 0)
}

function servingThreads(
  pids: ReadonlySet<number>,
  { window, windowMs }: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
): Pick<AcceptQueue, 'threads' | 'cores'> {
  const busy = [...threads.values()]
    .filter(({ pid, role }) => pids.has(pid) && !role.ours)
    .map((thread) => scheduled(thread, window).cpuMs)
  const most = Math.max(0, ...busy)
  return {
    threads: busy.filter((cpuMs) => cpuMs > 0 && cpuMs >= SERVES * most).length,
    cores: busy.reduce((sum, cpuMs) => sum + cpuMs, 0) / windowMs,
  }
}
