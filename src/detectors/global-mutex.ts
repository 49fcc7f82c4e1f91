import type { Lock } from '../analysis/signals.ts'
import { formatNumber, formatRatio } from '../units.ts'
import { defineDetector, type Evidence, type Place } from './detector.ts'
import { severityAt, worstOf } from './severity.ts'

const PLACES = 2

export const globalMutex = defineDetector({
  meta: {
    id: 'global-mutex',
    title: 'One lock that every thread needs',
    category: 'locks',
    requires: ['lockWait'],
    optional: ['runQueue'],
    thresholds: {
      threadsHeldUp: {
        default: 0.5,
        unit: 'threads',
        description: 'threads that wait for the lock, on average; without it none of the limits below counts',
        source: 'holdup: half a thread is 5 s of waiting in a recording of 10 s',
      },
      waiters: {
        default: 2,
        unit: 'threads',
        description: 'different threads that wait for it',
        source: 'holdup: a single thread that waits is a hand-over, no queue',
      },
      ratio: {
        default: 0.1,
        unit: 'ratio',
        description: 'lock wait of the threads that use locks, of their wait, CPU and run-queue time: warning',
        source: 'holdup: without the wait, such threads would do 1.1 × as much',
      },
      ratioCritical: {
        default: 0.5,
        unit: 'ratio',
        description: 'the same: critical',
        source: 'holdup: they wait longer than they work',
      },
      hold: {
        default: 0.9,
        unit: 'ratio',
        description: 'time for which the lock is held: critical',
        source: "Amdahl's law: at 1 all that the lock guards runs on one core, whatever the number of threads",
      },
    },
  },

  detect({ signals: { lockWait, runQueue }, limits }) {
    const queued = lockWait.locks.filter((lock) => isQueue(lock, limits)).toSorted((a, b) => b.heldUp - a.heldUp)
    const [lock, ...others] = queued
    if (!lock) return []
    const hold = lock.holdPerSecond
    // Without the threads' CPU the share is only known to be at least that of their wall time.
    const ratio = runQueue ? lockWait.ratio : lock.heldUp / lock.waiterThreads
    const severity = worstOf(
      severityAt(ratio, limits.ratio, limits.ratioCritical),
      hold !== null && hold >= limits.hold ? 'critical' : null,
    )
    if (!severity) return []

    const { fidelity } = lockWait
    const evidence: Evidence[] = [
      { name: 'threads held up', value: lock.heldUp, unit: 'threads', limit: limits.threadsHeldUp, fidelity },
      { name: 'share of lock wait', value: ratio, unit: 'ratio', limit: limits.ratio, fidelity },
      {
        name: 'different waiters',
        value: lock.waiterThreads,
        unit: 'threads',
        limit: limits.waiters,
        fidelity,
        note: lock.because,
      },
    ]
    if (lock.waitMs) evidence.push({ name: 'wait, p99', value: lock.waitMs.p99, unit: 'ms', fidelity })
    if (lock.holderBlocked) {
      const { share, in: call } = lock.holderBlocked
      const note = share > 0 ? `its holder waits too, mostly in ${call}` : 'its holder works'
      evidence.push({ name: 'holder blocked', value: share, unit: 'ratio', fidelity: 'sampled', note })
    }
    if (hold !== null) evidence.push({ name: 'held', value: hold, unit: 'ratio', limit: limits.hold, fidelity })
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
        summary: `${formatNumber(lock.heldUp)} threads on average wait for one lock (limit ${formatNumber(limits.threadsHeldUp)}), the ${lock.name}; ${consequence(hold, ratio, limits)}`,
        cost: { threadsHeldUp: lock.heldUp, gain: null },
        evidence,
        where: placesOf(lock),
        advice:
          'Do less under the lock: keep it for the few lines that change shared state, never over a query, I/O or an await. Better, share nothing: a copy or a shard for each worker, data that is never changed (in a SharedArrayBuffer, behind an Arc), or one thread that owns the state and is sent messages.',
      },
    ]
  },
})

/** Threads that stand in the queue of one mutex, again and again: once each may be a single pile-up, such as a cold cache. */
function isQueue(lock: Lock, limits: { threadsHeldUp: number; waiters: number }): boolean {
  return (
    lock.role === 'lock' &&
    lock.kind !== 'promise-lock' &&
    lock.heldUp >= limits.threadsHeldUp &&
    lock.waiterThreads >= limits.waiters &&
    (lock.waits === null || lock.waits > lock.waiterThreads)
  )
}

function consequence(hold: number | null, ratio: number, limits: { hold: number; ratio: number }): string {
  if (hold !== null && hold >= limits.hold) {
    return `it is held ${formatRatio(hold)} of the time (limit ${formatRatio(limits.hold)}), so only one of them works at a time.`
  }
  return `they spend ${formatRatio(ratio)} of their time in the queue (limit ${formatRatio(limits.ratio)}).`
}

function placesOf({ waiters, holders, waitSeconds }: Lock): Place[] {
  return [
    ...waiters.slice(0, PLACES).map(({ stack, seconds }) => ({ role: 'waiters', stack, share: seconds / waitSeconds })),
    ...holders.slice(0, PLACES).map(({ stack, share }) => ({ role: 'holder', stack, share })),
  ]
}
