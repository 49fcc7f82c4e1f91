import { isApplication, shortFrame } from '../analysis/frames.ts'
import type { LockWait } from '../analysis/signals.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 3

export const asyncRuntimeBlocked = defineDetector({
  meta: {
    id: 'async-runtime-blocked',
    title: 'Workers of an async runtime blocked',
    category: 'threads',
    requires: ['asyncRuntime'],
    optional: ['lockWait'],
    thresholds: {
      share: {
        default: 0.05,
        unit: 'ratio',
        description: "workers' time in calls that block or in queues of locks: warning",
        source: 'holdup: without them the runtime would do 1.05 × as much',
      },
      shareCritical: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: half of the workers stand still',
      },
      resting: {
        default: 1,
        unit: 'workers',
        description:
          'workers of the same runtime that have nothing to do, on average; from there on no task waits for one',
        source: 'Tokio: a worker that rests takes the tasks of one that does not',
      },
      queueOfOneLock: {
        default: 0.5,
        unit: 'threads',
        description: 'threads in the queue of one lock from which on global-mutex names it, and it does not count here',
        source: "holdup: global-mutex's limit of threads held up",
      },
    },
  },

  detect({ signals: { asyncRuntime, lockWait }, limits }) {
    const { workers, fidelity } = asyncRuntime
    if (workers.threads === 0) return []
    const named = hasQueue(lockWait, limits.queueOfOneLock)
    const inLocks = named ? 0 : workers.inLocks
    const blocked = workers.inCalls + inLocks
    const { resting } = workers
    const share = blocked / workers.threads
    const severity = severityAt(share, limits.share, limits.shareCritical)
    if (!severity || resting >= limits.resting) return []

    const evidence: Evidence[] = [
      { name: 'workers blocked', value: share, unit: 'ratio', limit: limits.share, fidelity },
      { name: 'workers with nothing to do', value: resting, unit: 'workers', limit: limits.resting, fidelity },
      { name: 'workers', value: workers.threads, unit: 'threads', fidelity },
      ...(inLocks > 0 ? [{ name: 'in queues of locks', value: inLocks, unit: 'workers', fidelity }] : []),
    ]
    const calls = workers.calls.filter(({ isLock }) => !isLock || !named)
    const [first] = calls
    const place = first?.stack.find(isApplication)
    return [
      {
        severity,
        summary: `${formatNumber(blocked)} of ${formatNumber(workers.threads)} workers of the async runtime stand in calls that block, ${formatRatio(share)} of their time (limit ${formatRatio(limits.share)})${first ? `, mostly in ${first.call}` : ''}${place ? ` of ${shortFrame(place)}` : ''}: tasks that are ready wait until they return.`,
        cost: { threadsHeldUp: blocked, gain: null },
        evidence,
        where: calls.slice(0, PLACES).map(({ call, stack, threads }) => ({
          role: `blocked in ${call}`,
          stack,
          share: Math.min(1, threads / Math.max(blocked, threads)),
        })),
        advice:
          'Use the async client or file of the runtime (tokio::net, tokio::time::sleep, an async driver) and await it. What can only block goes to spawn_blocking, with a bound on how many at a time; a std Mutex is not to be held over anything that takes long.',
      },
    ]
  },
})

function hasQueue(lockWait: LockWait | null, limit: number): boolean {
  return lockWait?.locks.some(({ role, heldUp }) => role === 'lock' && heldUp >= limit) ?? false
}
