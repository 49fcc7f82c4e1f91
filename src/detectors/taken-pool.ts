/** Pools that are seen to have no thread to spare: those of a server's accept queue, and those within a program. */
import type { AcceptQueue, Http, ThreadGroup } from '../analysis/signals.ts'
import type { Ratio, Seconds } from '../units.ts'
import type { Evidence } from './detector.ts'
import { type WAITING_THRESHOLDS, waitingClients } from './waiting-clients.ts'

/** A pool without a thread to spare, and the requests that wait for one. */
export interface TakenPool {
  name: string
  threads: number
  waiting: number
  evidence: Evidence[]
}

/** Threads or processes that each accept a client and serve it: the rest waits in the kernel. */
export function atTheDoor(
  queue: AcceptQueue | null,
  window: Seconds,
  limits: Record<keyof typeof WAITING_THRESHOLDS, number>,
): TakenPool | null {
  const evidence = queue && queue.threads > 1 ? waitingClients(queue, window, limits) : null
  return queue && evidence
    ? { name: `port ${queue.port}`, threads: queue.threads, waiting: queue.waiting, evidence }
    : null
}

/** Threads that are given requests which others have read: those in flight that none of them has. */
export function inside(
  groups: readonly ThreadGroup[],
  http: Http | null,
  window: Seconds,
  limits: Record<'busy' | 'blocked' | 'work', Ratio>,
): TakenPool | null {
  const cpu = groups.reduce((sum, { seconds }) => sum + seconds.onCpu, 0)
  for (const { group, threads: count, seconds } of http ? groups : []) {
    const all = Object.values(seconds).reduce((sum, each) => sum + each, 0)
    const threads = all / window
    const [busy, blocked] = [(seconds.onCpu + seconds.runnable + seconds.ioWait) / all, seconds.ioWait / all]
    const work = seconds.onCpu / cpu
    if (count < 2 || busy < limits.busy || blocked < limits.blocked || work < limits.work) continue
    const figure = { unit: 'ratio', fidelity: 'sampled' as const }
    return {
      name: `the pool \`${group}\``,
      threads,
      waiting: (http?.inFlightMean ?? 0) - threads,
      evidence: [
        { name: 'its threads taken', value: busy, limit: limits.busy, ...figure },
        { name: 'in calls that block', value: blocked, limit: limits.blocked, ...figure },
        { name: "of the target's CPU", value: work, limit: limits.work, ...figure },
      ],
    }
  }
  return null
}
