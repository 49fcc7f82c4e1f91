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
    optional: ['lockWait', 'http', 'clientSockets'],
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
      loopShare: {
        default: 0.33,
        unit: 'ratio',
        description: "of event loops other than Tokio, each loop's time in calls that block: warning",
        source: 'holdup: without them a loop would do 1.5 × as much; processes that compute may each wait a little',
      },
      inFlight: {
        default: 2,
        unit: 'requests',
        description:
          'of event loops other than Tokio, requests in flight for each, and connections accepted, as far as they are known, at the least',
        source: 'holdup: a process that serves one client at a time keeps nobody waiting with a call that blocks',
      },
      queueOfOneLock: {
        default: 0.5,
        unit: 'threads',
        description: 'threads in the queue of one lock from which on global-mutex names it, and it does not count here',
        source: "holdup: global-mutex's limit of threads held up",
      },
    },
  },

  detect({ signals: { asyncRuntime, lockWait, http, clientSockets }, limits }) {
    const { workers, loops, fidelity } = asyncRuntime
    const named = hasQueue(lockWait, limits.queueOfOneLock)
    // Of a process that serves one client at a time the others are not accepted yet.
    const clients = Math.min(http?.inFlightMean ?? Infinity, clientSockets?.open ?? Infinity)
    const serveMany = (http || clientSockets) && clients >= limits.inFlight * loops.threads
    const [worst] = [workers, ...(serveMany ? [loops] : [])]
      .flatMap((pool) => {
        const inLocks = named ? 0 : pool.inLocks
        const share = pool.threads === 0 ? 0 : (pool.inCalls + inLocks) / pool.threads
        const least = pool === loops ? limits.loopShare : limits.share
        const severity = severityAt(share, least, limits.shareCritical)
        return severity && pool.resting < limits.resting ? [{ pool, inLocks, share, least, severity }] : []
      })
      .toSorted((a, b) => b.share - a.share)
    if (!worst) return []
    const { pool, inLocks, share, least, severity } = worst
    const blocked = pool.inCalls + inLocks
    const isLoop = pool === loops

    const evidence: Evidence[] = [
      { name: 'workers blocked', value: share, unit: 'ratio', limit: least, fidelity },
      { name: 'workers with nothing to do', value: pool.resting, unit: 'workers', limit: limits.resting, fidelity },
      { name: isLoop ? 'event loops' : 'workers', value: pool.threads, unit: 'threads', fidelity },
      ...(inLocks > 0 ? [{ name: 'in queues of locks', value: inLocks, unit: 'workers', fidelity }] : []),
    ]
    const calls = pool.calls.filter(({ isLock }) => !isLock || !named)
    const [first] = calls
    const place = first?.stack.find(isApplication)
    return [
      {
        severity,
        summary: `${formatNumber(blocked)} of ${formatNumber(pool.threads)} ${isLoop ? 'event loops' : 'workers of the async runtime'} stand in calls that block, ${formatRatio(share)} of their time (limit ${formatRatio(least)})${first ? `, mostly in ${first.call}` : ''}${place ? ` of ${shortFrame(place)}` : ''}: ${isLoop ? 'whoever is ready waits until they return' : 'tasks that are ready wait until they return'}.`,
        cost: { threadsHeldUp: blocked, gain: null },
        evidence,
        where: calls.slice(0, PLACES).map(({ call, stack, threads }) => ({
          role: `blocked in ${call}`,
          stack,
          share: Math.min(1, threads / Math.max(blocked, threads)),
        })),
        advice: isLoop
          ? 'Use the asynchronous client, file or sleep of the framework and await it. What can only block goes to a pool of threads (asyncio: run_in_executor or to_thread), with a bound on how many at a time.'
          : 'Use the async client or file of the runtime (tokio::net, tokio::time::sleep, an async driver) and await it. What can only block goes to spawn_blocking, with a bound on how many at a time; a std Mutex is not to be held over anything that takes long.',
      },
    ]
  },
})

function hasQueue(lockWait: LockWait | null, limit: number): boolean {
  return lockWait?.locks.some(({ role, heldUp }) => role === 'lock' && heldUp >= limit) ?? false
}
