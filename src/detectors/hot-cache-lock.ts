import { isInCacheRead } from '../analysis/lock-places.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { holderEvidence, isMostlyIn, placesOf, QUEUE_THRESHOLDS, queueEvidence, queuesOf } from './lock-queue.ts'

export const hotCacheLock = defineDetector({
  meta: {
    id: 'hot-cache-lock',
    title: 'A cache that is read one thread at a time',
    category: 'locks',
    requires: ['lockWait'],
    optional: ['runQueue', 'threads'],
    yieldsTo: [
      'thread-per-request',
      'deadlock-or-stuck',
      'gil-contention',
      'allocator-lock',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
      'write-lock-on-read-path',
    ],
    thresholds: {
      ...QUEUE_THRESHOLDS,
      share: {
        default: 0.5,
        unit: 'ratio',
        description: 'of the wait for it, that in a function which reads a cache',
        source: 'holdup: most of it; what fills a cache after a miss stands in line for another reason',
      },
    },
  },

  detect({ signals: { lockWait, runQueue, threads }, limits, claimed }) {
    const queues = queuesOf({ lockWait, runQueue, threads }, { limits, claimed }, (lock) =>
      isMostlyIn(lock, isInCacheRead, limits.share),
    )
    return queues.map(({ lock, ratio, severity }) => {
      const { holdPerSecond: hold, holdFidelity: fidelity } = lock
      const evidence = [...queueEvidence({ lock, ratio }, limits), ...holderEvidence(lock)]
      if (hold !== null) evidence.push({ name: 'held', value: hold, unit: 'ratio', fidelity })
      return {
        severity,
        summary: `${formatNumber(lock.heldUp)} threads on average wait to read a cache (limit ${formatNumber(limits.threadsHeldUp)}), for the ${lock.name}: ${formatRatio(ratio)} of the time of threads that use locks (limit ${formatRatio(limits.ratio)}), and the more it hits, the more of them stand there.`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence,
        where: placesOf(lock),
        advice:
          'Let readers pass each other: hand out a shared pointer to the entry rather than copy it under the lock, split the cache into shards by a hash of the key, give each thread a small cache of its own in front, and mark use without a lock (CLOCK or a sampled LRU in place of a list that each hit reorders).',
        locks: [lock.id],
      }
    })
  },
})
