import { GIL_NAME } from './gil.ts'
import { heldShare, holderBlocked } from './holder-blocked.ts'
import type { Source } from './index-records.ts'
import { type LockPart, nameOf } from './lock-parts.ts'
import { readSampledLocks } from './sampled-locks.ts'
import type { Lock } from './signals.ts'
import { turnstile } from './turnstile.ts'

/** The locks that the sampler saw from outside, as the table of locks has them; null where it saw no process. */
export function sampledLockPart(source: Source): LockPart | null {
  const sampled = readSampledLocks(source)
  if (!sampled) return null
  const seconds = source.windowMs / 1000
  const because = sampled.storm
    ? 'seen from outside while threads switched too often for that: the true wait may be several times as long'
    : 'seen from outside: its waiters stood in the slow path of its lock function'
  const locks = sampled.locks.map(({ pid, address, kind, waiters, holders, waiterThreads, ...lock }) => {
    const waitSeconds = (lock.secondsLow + lock.secondsHigh) / 2
    const lockKind: Lock['kind'] = kind === 'rwlock' || kind === 'gil' ? kind : 'mutex'
    const holder = holderBlocked(pid, address, source)
    const heldUp = waitSeconds / seconds
    const turns = kind === 'gil' ? null : turnstile({ pid, heldUp, waiters, holderBlocked: holder }, source)
    return {
      id: '',
      kind: lockKind,
      pid,
      slot: address,
      name: lockKind === 'gil' ? GIL_NAME : nameOf(lockKind, waiters[0]?.stack ?? [], address),
      role: turns?.role ?? ('lock' as const),
      because: turns?.because ?? because,
      waits: null,
      waitSeconds,
      heldUp,
      waiterThreads,
      holdPerSecond: heldShare(pid, address, source),
      holdFidelity: 'sampled' as const,
      holdMs: null,
      waitMs: null,
      fidelity: 'sampled' as const,
      holderBlocked: holder,
      writeShare: lock.writeShare,
      stuck: null,
      waiters,
      holders: holders.flatMap(({ stack, share }) => (stack.length > 0 ? [{ stack, share }] : [])),
    }
  })
  const sum = (role: Lock['role'], field: 'secondsLow' | 'secondsHigh') =>
    sampled.locks.reduce((total, lock, i) => total + (locks[i]?.role === role ? lock[field] : 0), 0)
  return {
    locks,
    secondsLow: sum('lock', 'secondsLow'),
    secondsHigh: sum('lock', 'secondsHigh'),
    unclassifiedSeconds: sampled.unclassifiedSeconds + sum('unclassified', 'secondsLow'),
    msByThread: sampled.msByThread,
    fidelity: 'sampled',
  }
}
