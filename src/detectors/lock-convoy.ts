import type { Lock } from '../analysis/signals.ts'
import { formatMs, formatNumber, type Milliseconds, type Seconds } from '../units.ts'
import { defineDetector } from './detector.ts'
import { holderEvidence, isQueue, placesOf, QUEUE_THRESHOLDS, queueEvidence, queuesOf } from './lock-queue.ts'

export const lockConvoy = defineDetector({
  meta: {
    id: 'lock-convoy',
    title: 'A short lock that is taken too often',
    category: 'locks',
    requires: ['lockWait', 'quality'],
    optional: ['runQueue', 'threads', 'http'],
    yieldsTo: [
      'thread-per-request',
      'deadlock-or-stuck',
      'gil-contention',
      'allocator-lock',
      'synchronous-logger-lock',
      'lock-held-across-blocking',
      'write-lock-on-read-path',
      'hot-cache-lock',
    ],
    thresholds: {
      ...QUEUE_THRESHOLDS,
      perRequest: {
        default: 1,
        unit: 'per request',
        description: 'times that it was found held, at the least',
        source: 'holdup: every request is switched out and in again for it; what was had at once is not seen',
      },
      holdMs: {
        default: 0.05,
        unit: 'ms',
        description: 'for which it is held each time, on average, at the most',
        source: 'holdup: some ten context switches; a longer hold is itself what others wait for',
      },
    },
  },

  detect({ signals: { lockWait, quality, runQueue, http, threads }, limits, claimed }) {
    const requests = http?.requests ?? quality.requests ?? 0
    const seconds = quality.windowSeconds
    const queues = queuesOf({ lockWait, runQueue, threads }, { limits, claimed }, (lock) => {
      const hold = holdOf(lock, seconds)
      return hold !== null && hold <= limits.holdMs && requests > 0 && (lock.waits ?? 0) >= requests * limits.perRequest
    })
    if (queues.length === 0) {
      const open = lockWait.locks.filter((lock) => !claimed.has(lock.id) && isQueue(lock, limits, threads))
      if (open.some(({ waits }) => waits === null)) return { missing: ['the number of waits for the lock'] }
      if (open.length > 0 && requests === 0) return { missing: ['requests to count the waits against'] }
      return open.some((lock) => holdOf(lock, seconds) === null) ? { missing: ['how long the lock is held'] } : []
    }
    return queues.map(({ lock, ratio, severity }) => {
      const { fidelity, waits, waitSeconds, holdMs, holdFidelity } = lock
      const perRequest = (waits ?? 0) / requests
      const hold = holdOf(lock, seconds) ?? 0
      const wait = (waitSeconds * 1000) / Math.max(1, waits ?? 0)
      return {
        severity,
        summary: `Each request is stopped ${formatNumber(perRequest)} times (limit ${formatNumber(limits.perRequest)}) by one lock, the ${lock.name}, and waits ${formatMs(wait)} each time for what is held for ${holdMs === null ? 'at most ' : ''}${formatMs(hold)} (limit ${formatMs(limits.holdMs)}): ${formatNumber(lock.heldUp)} threads on average wait to be woken.`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence: [
          ...queueEvidence({ lock, ratio }, limits),
          { name: 'found held', value: perRequest, unit: 'per request', limit: limits.perRequest, fidelity },
          {
            name: 'held each time',
            value: hold,
            unit: 'ms',
            limit: limits.holdMs,
            fidelity: holdMs === null ? fidelity : holdFidelity,
            ...(holdMs === null && { note: 'at most: so many waits cannot have taken longer one after the other' }),
          },
          ...holderEvidence(lock),
        ],
        where: placesOf(lock),
        advice:
          'Take the lock less often: collect for a whole request or batch and take it once, count in atomics or for each thread and add up when somebody asks, or split what it guards into shards. A lock that spins a little before it sleeps (an adaptive mutex) helps where it cannot be taken less often.',
        locks: [lock.id],
      }
    })
  },
})

/** How long it is held each time: as it was timed, or as long as so many holds, one after the other, can have taken at most. */
function holdOf({ holdMs, waits }: Lock, windowSeconds: Seconds): Milliseconds | null {
  if (holdMs !== null) return holdMs
  return waits === null ? null : (windowSeconds * 1000) / Math.max(1, waits)
}
