import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { holderEvidence, placesOf, QUEUE_THRESHOLDS, queueEvidence, queuesOf } from './lock-queue.ts'

export const writeLockOnReadPath = defineDetector({
  meta: {
    id: 'write-lock-on-read-path',
    title: 'A read-write lock that is taken to write',
    category: 'locks',
    requires: ['lockWait', 'quality'],
    optional: ['runQueue', 'threads'],
    yieldsTo: [
      'thread-per-request',
      'deadlock-or-stuck',
      'gil-contention',
      'allocator-lock',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
    ],
    thresholds: {
      ...QUEUE_THRESHOLDS,
      writers: {
        default: 0.5,
        unit: 'ratio',
        description: 'of the waits for it those to write; of their time where they are only sampled',
        source: 'holdup: with more readers than writers a read-write lock lets most pass at once',
      },
      perSecond: {
        default: 10,
        unit: 'per second',
        description: 'waits to write, where they are counted, at the least',
        source: 'holdup: what refreshes data now and then writes more rarely',
      },
    },
  },

  detect({ signals: { lockWait, quality, runQueue, threads }, limits, claimed }) {
    const queues = queuesOf({ lockWait, runQueue, threads }, { limits, claimed }, ({ kind, writeShare, waits }) => {
      const writes = waits === null ? null : (waits * (writeShare ?? 0)) / quality.windowSeconds
      return (
        kind === 'rwlock' &&
        writeShare !== null &&
        writeShare >= limits.writers &&
        (writes === null || writes >= limits.perSecond)
      )
    })
    return queues.map(({ lock, ratio, severity }) => {
      const { fidelity, waits } = lock
      const share = lock.writeShare ?? 0
      const evidence = [
        ...queueEvidence({ lock, ratio }, limits),
        { name: 'waits to write', value: share, unit: 'ratio', limit: limits.writers, fidelity },
        ...(waits === null
          ? []
          : [
              {
                name: 'waits to write',
                value: (waits * share) / quality.windowSeconds,
                unit: 'per second',
                limit: limits.perSecond,
                fidelity,
              },
            ]),
        ...holderEvidence(lock),
      ]
      return {
        severity,
        summary: `${formatNumber(lock.heldUp)} threads on average wait for one read-write lock (limit ${formatNumber(limits.threadsHeldUp)}), the ${lock.name}; ${formatRatio(share)} of the waits are to write (limit ${formatRatio(limits.writers)}), so that it lets one pass at a time like any mutex.`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence,
        where: placesOf(lock),
        advice:
          'Take the lock to read where nothing is changed but statistics, ages or caches, and keep these outside of it: in atomics, for each thread, or in a lock of their own. What is read far more often than it changes needs no lock: publish each version whole, and let readers keep the one they have (RCU, arc-swap, atomic shared_ptr).',
        locks: [lock.id],
      }
    })
  },
})
