import { isInAllocator } from '../analysis/lock-places.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { isMostlyIn, placesOf, QUEUE_THRESHOLDS, shareOf } from './lock-queue.ts'
import { severityAt } from './severity.ts'

export const allocatorLock = defineDetector({
  meta: {
    id: 'allocator-lock',
    title: 'Threads that wait for the memory allocator',
    category: 'locks',
    requires: ['lockWait'],
    optional: ['runQueue', 'http'],
    yieldsTo: ['thread-per-request', 'deadlock-or-stuck'],
    thresholds: {
      threadsHeldUp: {
        ...QUEUE_THRESHOLDS.threadsHeldUp,
        description:
          'threads that wait for locks of the allocator, on average; without it none of the limits below counts',
      },
      waiters: QUEUE_THRESHOLDS.waiters,
      ratio: QUEUE_THRESHOLDS.ratio,
      ratioCritical: QUEUE_THRESHOLDS.ratioCritical,
    },
  },

  detect({ signals: { lockWait, runQueue, http }, limits, claimed }) {
    // One for each arena or size class: they count together.
    const locks = lockWait.locks.filter(
      (lock) => lock.role === 'lock' && !claimed.has(lock.id) && isMostlyIn(lock, isInAllocator),
    )
    const [hottest] = locks
    const heldUp = locks.reduce((sum, lock) => sum + lock.heldUp, 0)
    const waiters = Math.max(0, ...locks.map(({ waiterThreads }) => waiterThreads))
    if (!hottest || heldUp < limits.threadsHeldUp || waiters < limits.waiters) return []
    const ratio = shareOf(locks, lockWait, runQueue)
    const severity = severityAt(ratio, limits.ratio, limits.ratioCritical)
    if (!severity) return []

    const { fidelity } = hottest
    const evidence: Evidence[] = [
      { name: 'threads held up', value: heldUp, unit: 'threads', limit: limits.threadsHeldUp, fidelity },
      { name: 'share of lock wait', value: ratio, unit: 'ratio', limit: limits.ratio, fidelity },
      {
        name: 'different waiters',
        value: waiters,
        unit: 'threads',
        limit: limits.waiters,
        fidelity,
        note: hottest.because,
      },
      { name: 'locks of the allocator', value: locks.length, unit: 'locks', fidelity },
    ]
    const waits = locks.reduce((sum, lock) => sum + (lock.waits ?? 0), 0)
    if (waits > 0 && http && http.requests > 0) {
      evidence.push({ name: 'found held', value: waits / http.requests, unit: 'per request', fidelity })
    }
    return [
      {
        severity,
        summary: `${formatNumber(heldUp)} threads on average wait for the lock of the memory allocator (limit ${formatNumber(limits.threadsHeldUp)}), ${formatRatio(ratio)} of the time of the threads that use locks (limit ${formatRatio(limits.ratio)}).`,
        cost: { threadsHeldUp: heldUp, gain: null },
        evidence,
        where: placesOf(hottest),
        advice:
          'Allocate less for each request: reuse buffers, reserve, keep one arena for a request. Give the threads arenas of their own: with glibc, do not set MALLOC_ARENA_MAX to 1 or 2; or use an allocator that caches for each thread (jemalloc, mimalloc, tcmalloc). What one thread allocates let it also free.',
        locks: locks.map(({ id }) => id),
      },
    ]
  },
})
