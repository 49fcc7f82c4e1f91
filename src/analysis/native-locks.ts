import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, PerSecond } from '../units.ts'
import { growth } from './counters.ts'
import { isApplication } from './frames.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import { heldShare, holderBlocked } from './holder-blocked.ts'
import type { Source } from './index-records.ts'
import { heaviest, type LockPart, nameOf } from './lock-parts.ts'
import { nativeShares, type ShareOf } from './native-spans.ts'
import type { Lock } from './signals.ts'
import { turnstile } from './turnstile.ts'
import { sideOf, writeShare } from './write-share.ts'

type NativeWait = RecordOf<'native-wait'>

/** By what was waited for; semaphores and parks of unknown purpose are neither a lock's nor idle. */
const KINDS: Readonly<Record<NativeWait['kind'], { kind: Lock['kind']; role: Lock['role']; because: string }>> = {
  mutex: { kind: 'mutex', role: 'lock', because: 'pthread_mutex_lock found it taken' },
  'futex-lock': { kind: 'mutex', role: 'lock', because: 'its lock function found it taken' },
  'rwlock-read': { kind: 'rwlock', role: 'lock', because: 'a reader found a writer there' },
  'rwlock-write': { kind: 'rwlock', role: 'lock', because: 'a writer found others there' },
  condition: { kind: 'mutex', role: 'idle', because: 'a condition variable: a wait for work' },
  join: { kind: 'mutex', role: 'idle', because: 'a wait for the end of a thread' },
  'futex-idle': { kind: 'mutex', role: 'idle', because: 'a condition variable or a parked thread: a wait for work' },
  semaphore: { kind: 'mutex', role: 'unclassified', because: 'a semaphore may guard something or announce work' },
  park: { kind: 'mutex', role: 'unclassified', because: 'a parked thread, and no function of its stack says why' },
}

/** Shorter than going to sleep and being woken. */
const SHORT_HOLD: Milliseconds = 0.05
const MANY_WAITS: PerSecond = 5000
const SPUN =
  'it is given back so soon that others spin for it or yield before they sleep, which nothing sees: the true wait is longer'

/** Who held a lock, as far as it was seen. */
interface Held extends Pick<Lock, 'holders' | 'holdPerSecond' | 'holdMs' | 'holdFidelity'> {
  /** Of a hold after a wait; null where there was none. */
  meanMs: Milliseconds | null
}

/**
 * Rust's locks and others spin in the program before they ask the kernel. With 16 threads and holds of 1 µs that was 4 % of the wait
 * for std's, and for parking_lot's, which yields its core, 91 %.
 */
function isSpun(kind: NativeWait['kind'], waits: number, { meanMs }: Held, { windowMs }: Source): boolean {
  if (kind !== 'futex-lock') return false
  return (meanMs !== null && meanMs < SHORT_HOLD) || waits / (windowMs / 1000) > MANY_WAITS
}

/** A wait for something that another thread holds. */
export function isLockKind(kind: NativeWait['kind']): boolean {
  return KINDS[kind].role === 'lock'
}

/** Contended waits in native code, as the native agent counted them; null where there was none. */
export function readNativeLocks(source: Source): LockPart | null {
  if (source.of('native').length === 0) return null
  const shareOf = nativeShares(source)
  const waits = source.of('native-wait').filter((wait) => shareOf(wait) > 0)
  const groups = groupBy(waits, (wait) => `${wait.pid} ${KINDS[wait.kind].kind} ${identity(wait, source)}`)
  const msByThread = lockMsByThread(source)
  const locks = [...groups.values()].flatMap((records) => describe(records, shareOf, msByThread, source))
  const secondsOf = (role: Lock['role']) =>
    locks.reduce((seconds, lock) => seconds + (lock.role === role ? lock.waitSeconds : 0), 0)
  return {
    locks,
    secondsLow: secondsOf('lock'),
    secondsHigh: secondsOf('lock'),
    unclassifiedSeconds: secondsOf('unclassified'),
    msByThread,
    fidelity: 'exact',
  }
}

/** The lock's address; where it has none that means anything, the place in the code. */
function identity({ kind, lock, stack }: NativeWait, source: Source): string {
  const { role } = KINDS[kind]
  if (role === 'lock' && lock !== undefined) return lock
  return `${kind} ${source.stack(stack).find(isApplication) ?? ''}`
}

/** Of threads that were there at the end of the window. */
function lockMsByThread(source: Source): Map<string, Milliseconds> {
  const counters = new Map<string, [Milliseconds, number][]>()
  for (const { t, pid, rows } of source.of('native-threads')) {
    for (const [tid, lockMs] of rows) {
      const key = `${pid}/${tid}`
      // It had waited for nothing when it began.
      const counter = counters.get(key) ?? [[t - 1, 0]]
      counter.push([t, lockMs])
      counters.set(key, counter)
    }
  }
  const grown = [...counters].map(([key, counter]) => [key, growth(counter, source.window)] as const)
  return new Map(grown.filter(([, ms]) => ms > 0))
}

function describe(
  records: readonly NativeWait[],
  shareOf: ShareOf,
  msByThread: ReadonlyMap<string, Milliseconds>,
  source: Source,
): Lock[] {
  const [first] = records
  if (!first) return []
  const { pid, lock } = first
  const stacks = new Map<number | undefined, Milliseconds>()
  const waiting = new Map<Milliseconds, number>()
  let ms = 0
  let waits = 0
  for (const record of records) {
    const share = shareOf(record)
    ms += record.ms * share
    waits += record.n * share
    stacks.set(record.stack, (stacks.get(record.stack) ?? 0) + record.ms * share)
    waiting.set(record.t, (waiting.get(record.t) ?? 0) + record.waiting)
  }
  const sides = records.map((record) => ({ side: sideOfWait(record, source), weight: record.n * shareOf(record) }))
  const kind = sides.some(({ side }) => side !== null) ? 'rwlock' : KINDS[first.kind].kind
  const held = holdersOf(pid, lock, shareOf, source)
  const waiters = heaviest(stacks, source).map(({ stack, weight }) => ({ stack, seconds: weight / 1000 }))
  const holder = lock === undefined ? null : holderBlocked(pid, lock, source)
  const known = KINDS[first.kind]
  const turns =
    known.role === 'lock'
      ? turnstile({ pid, heldUp: ms / source.windowMs, waiters, holderBlocked: holder }, source)
      : null
  const { role, because } = turns ?? known
  const threads = [...msByThread.keys()].filter((key) => key.startsWith(`${pid}/`)).length
  const histogram = mergeHistograms(records.map((record) => record.waits))
  return [
    {
      id: '',
      kind,
      pid,
      slot: lock ?? '',
      name: nameOf(role === 'lock' ? kind : 'wait', waiters[0]?.stack ?? [], lock ?? ''),
      role,
      because: isSpun(first.kind, waits, held, source) ? `${because}; ${SPUN}` : because,
      waits: Math.round(waits),
      waitSeconds: ms / 1000,
      heldUp: ms / source.windowMs,
      // Seen at once, or as many as waited at all where they come and go.
      waiterThreads: Math.max(...waiting.values(), Math.min(threads, waits)),
      holders: held.holders,
      holdPerSecond: held.holdPerSecond,
      holdMs: held.holdMs,
      holdFidelity: held.holdFidelity,
      // Each record's `max` is the longest ever: of the window it is known by its bucket.
      waitMs: quantiles(histogram),
      fidelity: 'exact',
      holderBlocked: holder,
      writeShare: writeShare(sides),
      stuck: null,
      waiters,
    },
  ]
}

/** Rust's is one of its own futexes, told by the functions that wait. */
function sideOfWait({ kind, stack }: NativeWait, source: Source): 'read' | 'write' | null {
  if (kind === 'rwlock-read') return 'read'
  if (kind === 'rwlock-write') return 'write'
  return kind === 'futex-lock' ? sideOf(source.stack(stack)) : null
}

/** Who gave it back while others waited: a hold is timed when its thread had waited for it, the others are taken to last as long. */
function holdersOf(pid: number, lock: string | undefined, shareOf: ShareOf, source: Source): Held {
  const stacks = new Map<number | undefined, number>()
  let unlocks = 0
  let holds = 0
  let holdMs = 0
  for (const record of source.of('native-unlock')) {
    const share = record.pid === pid && record.lock === lock ? shareOf(record) : 0
    if (share === 0) continue
    unlocks += record.n * share
    holds += record.holds * share
    holdMs += record.holdMs * share
    stacks.set(record.stack, (stacks.get(record.stack) ?? 0) + record.n * share)
  }
  const holders = heaviest(stacks, source).map(({ stack, weight }) => ({ stack, share: weight / Math.max(unlocks, 1) }))
  // Who had to wait may hold it for a shorter time than who did not, whose holds are not timed: sampled they are seen too.
  const seen = lock === undefined ? null : heldShare(pid, lock, source)
  if (holds === 0 && seen === null)
    return { holders, meanMs: null, holdMs: null, holdPerSecond: null, holdFidelity: 'exact' }
  const each = holds > 0 ? holdMs / holds : 0
  const timed = Math.min(1, (each * unlocks) / source.windowMs)
  const held = Math.max(timed, seen ?? 0)
  return {
    holders,
    meanMs: holds > 0 ? each : null,
    holdMs: Math.max(each, (held * source.windowMs) / Math.max(1, unlocks)),
    holdPerSecond: held,
    holdFidelity: held > timed ? 'sampled' : 'exact',
  }
}
