import { isApplication, shortFrame } from '../analysis/frames.ts'
import { isInThreadBirth } from '../analysis/lock-places.ts'
import { formatMs, formatNumber } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { isMostlyIn } from './lock-queue.ts'
import { severityAt } from './severity.ts'

const PLACES = 2

export const threadPerRequest = defineDetector({
  meta: {
    id: 'thread-per-request',
    title: 'A thread per request',
    category: 'threads',
    requires: ['threads', 'quality'],
    optional: ['runQueue', 'lockWait'],
    // A worker is a thread too, and a process starts with some.
    explainedBy: ['worker-per-request', 'process-per-request', 'pool-thrash'],
    thresholds: {
      perRequest: {
        default: 0.1,
        unit: 'per request',
        description: 'threads created: warning',
        source: 'holdup: a pool creates none, a thread for a connection one for many requests',
      },
      perRequestCritical: {
        default: 0.5,
        unit: 'per request',
        description: 'the same: critical',
        source: 'holdup: every second request pays for a thread',
      },
      perSecond: {
        default: 10,
        unit: 'per second',
        description: 'threads created, at the least',
        source: 'holdup: under it the creations themselves cost little',
      },
      perSecondAlone: {
        default: 50,
        unit: 'per second',
        description: 'threads created, at the least, where requests were not counted: warning',
        source: 'holdup: a pool that fills or a client that connects now and then stays far under it',
      },
      lifetime: {
        default: 1000,
        unit: 'ms',
        description: 'the longest that half of the threads live, where that was counted',
        source: 'holdup: what lives longer is a thread of a connection or of a pool',
      },
      exited: {
        default: 0.5,
        unit: 'ratio',
        description: 'of those created, how many ended in the same window; under it they may fill a pool',
        source: 'holdup: the threads of a pool stay',
      },
    },
  },

  detect({ signals: { threads, quality, runQueue, lockWait }, limits }) {
    const { created, createdLow, createdHigh, exited, lifetimeMs, fidelity } = threads
    // What is sure to have been created, where it is an estimate.
    const perSecond = createdLow / quality.windowSeconds
    if (perSecond < limits.perSecond) return []
    const unrelated = threads.createdPerRequest === null
    if (unrelated && perSecond < limits.perSecondAlone) return { missing: ['requests to count the threads against'] }
    const perRequest = ((threads.createdPerRequest ?? 0) * createdLow) / Math.max(created, 1)
    const severity = unrelated ? 'warning' : severityAt(perRequest, limits.perRequest, limits.perRequestCritical)
    // Of an estimate the exits are not known: that they are gone is what it was made from.
    const stay = (fidelity === 'exact' || createdLow === createdHigh) && exited < created * limits.exited
    if (!severity || stay || (lifetimeMs !== null && lifetimeMs.p50 > limits.lifetime)) return []

    const evidence: Evidence[] = [
      ...(unrelated
        ? []
        : [{ name: 'threads created', value: perRequest, unit: 'per request', limit: limits.perRequest, fidelity }]),
      {
        name: 'threads created',
        value: perSecond,
        unit: 'per second',
        limit: unrelated ? limits.perSecondAlone : limits.perSecond,
        fidelity,
        ...(unrelated && { note: 'how many requests there were is not known' }),
      },
      { name: 'threads alive at peak', value: threads.peak, unit: 'threads', fidelity: 'sampled' },
    ]
    if (lifetimeMs)
      evidence.push({ name: 'lifetime, p50', value: lifetimeMs.p50, unit: 'ms', limit: limits.lifetime, fidelity })
    const locks = lockWait?.locks.filter((lock) => isMostlyIn(lock, isInThreadBirth)) ?? []
    if (locks.length > 0) {
      const heldUp = locks.reduce((sum, lock) => sum + lock.heldUp, 0)
      const note = "libc's, for the list of its threads' stacks"
      evidence.push({ name: 'held up by a lock', value: heldUp, unit: 'threads', fidelity: 'sampled', note })
    }
    const creator = threads.creators[0]?.stack.find(isApplication)
    const counted = threads.creators.reduce((sum, { count }) => sum + count, 0)
    return [
      {
        severity,
        summary: `Threads are created at a rate of ${unrelated ? `${formatNumber(perSecond)} a second (limit ${formatNumber(limits.perSecondAlone)})` : `${formatNumber(perRequest)} per request (limit ${formatNumber(limits.perRequest)}), ${formatNumber(perSecond)} a second`}${lifetimeMs ? `, each living for ${formatMs(lifetimeMs.p50)}` : ''}${creator ? `, in ${shortFrame(creator)}` : ''}: each brings a stack and page tables, is switched in and out, and is thrown away.`,
        cost: { threadsHeldUp: runQueue?.threadSecondsPerSecond ?? null, gain: null },
        evidence,
        where: threads.creators
          .slice(0, PLACES)
          .map(({ stack, count }) => ({ role: 'created at', stack, share: count / counted })),
        advice:
          'Keep a pool of about as many threads as cores and hand it the requests. If a request mostly waits for I/O, it needs no thread of its own: an async runtime (Tokio, asio, libuv) lets one thread wait for thousands.',
        locks: locks.map(({ id }) => id),
        areAll: false,
      },
    ]
  },
})
