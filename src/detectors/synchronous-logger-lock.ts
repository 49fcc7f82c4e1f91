import type { Lock } from '../analysis/signals.ts'
import { isInLog, isInStream } from '../analysis/lock-places.ts'
import { formatNumber, formatRatio, type Ratio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { holderEvidence, placesOf, QUEUE_THRESHOLDS, queueEvidence, queuesOf } from './lock-queue.ts'

/** Of its waits those that say what the lock is for. */
const MOST: Ratio = 0.5

export const synchronousLoggerLock = defineDetector({
  meta: {
    id: 'synchronous-logger-lock',
    title: 'A log that is written under a lock',
    category: 'locks',
    requires: ['lockWait'],
    optional: ['runQueue', 'threads'],
    yieldsTo: ['thread-per-request', 'deadlock-or-stuck', 'gil-contention', 'allocator-lock'],
    thresholds: {
      ...QUEUE_THRESHOLDS,
      blocked: {
        default: 0.5,
        unit: 'ratio',
        description:
          'of the looks at its holder, where there were any, those that found it blocked, not behind another lock',
        source: 'holdup: as of lock-held-across-blocking',
      },
      hold: {
        default: 0.3,
        unit: 'ratio',
        description: 'time for which the lock is held, where that is known',
        source: 'holdup: for a third of the time all that log wait for one line',
      },
    },
  },

  detect({ signals: { lockWait, runQueue, threads }, limits, claimed }) {
    const isLogger = (lock: Lock) =>
      (lock.holdPerSecond === null || lock.holdPerSecond >= limits.hold) &&
      // A stream's own lock is held for nothing but to write; of any other lock that must be seen.
      (lock.holderBlocked
        ? lock.holderBlocked.share - lock.holderBlocked.behindLock >= limits.blocked && isOfLog(lock, isInLog)
        : isOfLog(lock, isInStream))
    return queuesOf({ lockWait, runQueue, threads }, { limits, claimed }, isLogger).map(({ lock, ratio, severity }) => {
      const { holdPerSecond: hold, holdFidelity: fidelity, holderBlocked } = lock
      const evidence = [...queueEvidence({ lock, ratio }, limits), ...holderEvidence(lock, limits.blocked)]
      if (hold !== null) evidence.push({ name: 'held', value: hold, unit: 'ratio', limit: limits.hold, fidelity })
      return {
        severity,
        summary: `${formatNumber(lock.heldUp)} threads on average wait to write to the log (limit ${formatNumber(limits.threadsHeldUp)}), for the ${lock.name}${holderBlocked ? `, while the thread that writes is blocked in ${holderBlocked.in}, in ${formatRatio(holderBlocked.share - holderBlocked.behindLock)} of the samples of it (limit ${formatRatio(limits.blocked)})` : ''}.`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence,
        where: [...(holderBlocked ? [{ role: 'holder, blocked', stack: holderBlocked.stack }] : []), ...placesOf(lock)],
        advice:
          'Make the log asynchronous: put lines into a bounded queue that one thread empties, several at a time, and that drops or counts what does not fit rather than wait. Never sync a log to disk for each line, and log less for each request.',
        locks: [lock.id],
      }
    })
  },
})

/** By where its holder is blocked or, for most of the wait, by where threads wait for it. */
function isOfLog({ holderBlocked, waiters }: Lock, is: (stack: readonly string[]) => boolean): boolean {
  const all = waiters.reduce((sum, { seconds }) => sum + seconds, 0)
  const logs = waiters.reduce((sum, { stack, seconds }) => sum + (is(stack) ? seconds : 0), 0)
  return is(holderBlocked?.stack ?? []) || (all > 0 && logs >= all * MOST)
}
