import { isInAllocator } from '../analysis/lock-places.ts'
import type { Lock } from '../analysis/signals.ts'
import { formatNumber, formatRatio, type Ratio } from '../units.ts'
import { defineDetector, type Evidence } from './detector.ts'
import { placesOf, QUEUE_THRESHOLDS, shareOf } from './lock-queue.ts'
import { severityAt } from './severity.ts'

/** Of a lock's waits those in the allocator: it is the allocator's own then, not one that something allocates under. */
const MOST: Ratio = 0.5

export const allocatorLock = defineDetector({
  meta: {
    id: 'allocator-lock',
    title: 'Threads that wait for the memory allocator',
    category: 'locks',
    requires: ['lockWait'],
    optional: ['runQueue', 'http'],
    yieldsTo: ['deadlock-or-stuck'],
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
    const locks = lockWait.locks.filter((lock) => lock.role === 'lock' && !claimed.has(lock.id) && isAllocators(lock))
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
          'Allocate less for each request: reuse buffers, reserve, keep one arena for a request. Give the threads arenas of their own: with glibc no MALLOC_ARENA_MAX of 1 or 2, or an allocator that caches for each thread (jemalloc, mimalloc, tcmalloc). What one thread allocates let it also free.',
        locks: locks.map(({ id }) => id),
      },
    ]
  },
})

function isAllocators({ waiters }: Lock): boolean {
  const all = waiters.reduce((sum, { seconds }) => sum + seconds, 0)
  const allocating = waiters.reduce((sum, { stack, seconds }) => sum + (isInAllocator(stack) ? seconds : 0), 0)
  return all > 0 && allocating >= all * MOST
}
