import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector } from './detector.ts'
import { holderEvidence, isQueue, placesOf, QUEUE_THRESHOLDS, queueEvidence, shareOf } from './lock-queue.ts'
import { severityAt, worstOf } from './severity.ts'

export const globalMutex = defineDetector({
  meta: {
    id: 'global-mutex',
    title: 'One lock that every thread needs',
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
      'hot-cache-lock',
      'lock-convoy',
    ],
    thresholds: {
      ...QUEUE_THRESHOLDS,
      hold: {
        default: 0.9,
        unit: 'ratio',
        description: 'time for which the lock is held: critical',
        source: "Amdahl's law: at 1 all that the lock guards runs on one core, whatever the number of threads",
      },
    },
  },

  detect({ signals: { lockWait, runQueue, threads }, limits, claimed }) {
    const unclaimed = lockWait.locks.filter(
      ({ id, role, kind }) => !claimed.has(id) && role === 'lock' && (kind === 'mutex' || kind === 'rwlock'),
    )
    const queued = unclaimed.filter((lock) => isQueue(lock, limits, threads)).toSorted((a, b) => b.heldUp - a.heldUp)
    const [lock, ...others] = queued
    if (!lock) return []
    const hold = lock.holdPerSecond
    const ratio = shareOf(runQueue ? queued : [lock], lockWait, runQueue)
    const severity = worstOf(
      severityAt(ratio, limits.ratio, limits.ratioCritical),
      hold !== null && hold >= limits.hold ? 'critical' : null,
    )
    if (!severity) return []

    const { fidelity } = lock
    const evidence = [...queueEvidence({ lock, ratio }, limits), ...holderEvidence(lock)]
    if (hold !== null) {
      evidence.push({ name: 'held', value: hold, unit: 'ratio', limit: limits.hold, fidelity: lock.holdFidelity })
    }
    for (const { id, heldUp, name } of others) {
      evidence.push({
        name: `held up by ${id}`,
        value: heldUp,
        unit: 'threads',
        limit: limits.threadsHeldUp,
        fidelity,
        note: name,
      })
    }
    return [
      {
        severity,
        summary: `${formatNumber(lock.heldUp)} threads on average wait for one lock (limit ${formatNumber(limits.threadsHeldUp)}), the ${lock.name}; ${consequence(hold, shareOf([lock], lockWait, runQueue), limits)}`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence,
        where: placesOf(lock),
        advice:
          'Do less under the lock: keep it for the few lines that change shared state, never over a query or I/O. Better, share nothing: a copy or a shard for each worker, data that is never changed and so needs no lock, or one thread that owns the state and is sent messages.',
        locks: queued.map(({ id }) => id),
      },
    ]
  },
})

function consequence(hold: number | null, ratio: number, limits: { hold: number; ratio: number }): string {
  if (hold !== null && hold >= limits.hold) {
    return `it is held ${formatRatio(hold)} of the time (limit ${formatRatio(limits.hold)}), so only one of them works at a time.`
  }
  return `they spend ${formatRatio(ratio)} of their time in the queue (limit ${formatRatio(limits.ratio)}).`
}
