/** What all detectors of locks that threads queue for have in common. */
import { groupBy } from '../analysis/group-by.ts'
import type { Lock, LockWait, RunQueue, Threads } from '../analysis/signals.ts'
import type { Ratio } from '../units.ts'
import type { Evidence, Place, Threshold } from './detector.ts'
import { severityAt } from './severity.ts'

const PLACES = 2
/** Of a lock's waits, so many are most. */
const MOST: Ratio = 0.5

/** Their limits: the same as those of global-mutex, whose patterns they are. */
export const QUEUE_THRESHOLDS = {
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
} as const satisfies Record<string, Threshold>

type QueueLimits = Record<keyof typeof QUEUE_THRESHOLDS, number>

/** A lock that threads stand at, and how bad that is. */
export interface Queue {
  lock: Lock
  ratio: Ratio
  severity: 'warning' | 'critical'
}

/**
 * Threads that stand in the queue of one lock, again and again: once each may be a single pile-up, such as a cold cache, unless
 * they are more than there ever were at a time.
 */
export function isQueue(
  lock: Lock,
  limits: { threadsHeldUp: number; waiters: number },
  threads: Pick<Threads, 'peak'> | null,
): boolean {
  return (
    lock.role === 'lock' &&
    (lock.kind === 'mutex' || lock.kind === 'rwlock') &&
    lock.heldUp >= limits.threadsHeldUp &&
    lock.waiterThreads >= limits.waiters &&
    (lock.waits === null || lock.waits > Math.min(lock.waiterThreads, threads?.peak ?? Infinity))
  )
}

/**
 * Share of waits for these locks in the time of the threads that use locks; of several processes' locks in that process where it is
 * largest. Without the threads' CPU it is only known to be at
 * least that of their wall time.
 */
export function shareOf(locks: readonly Lock[], lockWait: LockWait, runQueue: RunQueue | null): Ratio {
  const processes = [...groupBy(locks, ({ pid }) => pid)].map(([pid, own]) => {
    const sum = (field: 'waitSeconds' | 'heldUp') => own.reduce((total, lock) => total + lock[field], 0)
    if (!runQueue) return sum('heldUp') / Math.max(1, ...own.map(({ waiterThreads }) => waiterThreads))
    const { seconds, ratio } = lockWait.byProcess.get(pid) ?? lockWait
    return seconds > 0 ? ratio * Math.min(1, sum('waitSeconds') / seconds) : 0
  })
  return Math.max(0, ...processes)
}

/** The queues of one pattern, longest first: of locks that no other finding claims and that `is` accepts. */
export function queuesOf(
  { lockWait, runQueue, threads }: { lockWait: LockWait; runQueue: RunQueue | null; threads: Threads | null },
  { limits, claimed }: { limits: QueueLimits; claimed: ReadonlySet<string> },
  is: (lock: Lock) => boolean,
): Queue[] {
  return lockWait.locks
    .filter((lock) => !claimed.has(lock.id) && isQueue(lock, limits, threads) && is(lock))
    .toSorted((a, b) => b.heldUp - a.heldUp)
    .flatMap((lock) => {
      const ratio = shareOf([lock], lockWait, runQueue)
      const severity = severityAt(ratio, limits.ratio, limits.ratioCritical)
      return severity ? [{ lock, ratio, severity }] : []
    })
}

/** The rows that bear each of their findings. */
export function queueEvidence({ lock, ratio }: Omit<Queue, 'severity'>, limits: QueueLimits): Evidence[] {
  const { fidelity } = lock
  const rows: Evidence[] = [
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
  if (lock.waitMs) rows.push({ name: 'wait, p99', value: lock.waitMs.p99, unit: 'ms', fidelity })
  return rows
}

/** `, mostly in fsync`; nothing where nobody saw in what. */
export function mostlyIn(call: string): string {
  return call === '' ? '' : `, mostly in ${call}`
}

/** What the looks at its holder say; none without any. */
export function holderEvidence({ holderBlocked }: Lock, limit?: number): Evidence[] {
  if (!holderBlocked) return []
  const { share, behindLock, in: call } = holderBlocked
  const note = share > 0 ? `its holder waits too${mostlyIn(call)}` : 'its holder works'
  const value = limit === undefined ? share : share - behindLock
  return [
    { name: 'holder blocked', value, unit: 'ratio', fidelity: 'sampled', note, ...(limit !== undefined && { limit }) },
  ]
}

/** Where threads wait for it, and where it is held: given back, or kept while its holder is blocked. */
export function placesOf({ waiters, holders, waitSeconds }: Lock): Place[] {
  return [
    ...waiters.slice(0, PLACES).map(({ stack, seconds }) => ({ role: 'waiters', stack, share: seconds / waitSeconds })),
    ...holders.slice(0, PLACES).map(({ stack, share }) => ({ role: 'holder', stack, share })),
  ]
}

/** Whether a lock's waits are for the most part in such places: it is their own then, not one that is held while something goes there. */
export function isMostlyIn({ waiters }: Lock, isThere: (stack: readonly string[]) => boolean, most = MOST): boolean {
  const all = waiters.reduce((sum, { seconds }) => sum + seconds, 0)
  const there = waiters.reduce((sum, { stack, seconds }) => sum + (isThere(stack) ? seconds : 0), 0)
  return all > 0 && there >= all * most
}
