import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, PerSecond, Ratio } from '../units.ts'
import { counterOf, growth } from './counters.ts'
import { fromTaker, isApplication } from './frames.ts'
import { GIL_NAME } from './gil.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import { heldShare, holderBlocked } from './holder-blocked.ts'
import type { Source } from './index-records.ts'
import { heaviest, type LockPart, nameOf } from './lock-parts.ts'
import { nativeShares, type ShareOf } from './native-spans.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import type { Lock } from './signals.ts'
import { turnstile } from './turnstile.ts'
import { waitKinds, type WaitKind } from './wait-kinds.ts'
import { sideOf, writeShare } from './write-share.ts'

type NativeWait = RecordOf<'native-wait'>

const IDLE_KINDS: ReadonlySet<NativeWait['kind']> = new Set(['condition', 'futex-idle'])
const LOCK_KINDS: ReadonlySet<NativeWait['kind']> = new Set(['mutex', 'rwlock-read', 'rwlock-write', 'futex-lock'])
/** Shorter than going to sleep and being woken. */
const SHORT_HOLD: Milliseconds = 0.05
const MANY_WAITS: PerSecond = 5000
/** Threads on average that are no thread more: what two clocks differ by. */
const ROUNDING = 0.05
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

/** Contended waits in native code, as the native agent counted them; null where there was none. */
export function readNativeLocks(source: Source): LockPart | null {
  if (source.of('native').length === 0) return null
  const shareOf = nativeShares(source)
  const told = toldByRuntime(source)
  const waits = source.of('native-wait').filter((wait) => shareOf(wait) > 0 && !told.has(wait.pid))
  const kindOf = waitKinds(source)
  const groups = groupBy(waits, (wait) => `${wait.pid} ${kindOf(wait).kind} ${identity(wait, kindOf(wait), source)}`)
  const msByThread = lockMsByThread(source, kindOf)
  const locks = [...groups.values()].flatMap((records) => describe(records, { shareOf, kindOf }, source))
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

/** The lock's address; where it has none that means anything, the place in the code. A process has one GIL. */
function identity({ kind, lock, stack }: NativeWait, known: WaitKind, source: Source): string {
  if (known.kind === 'gil') return ''
  if (known.role === 'lock' && lock !== undefined) return lock
  return `${kind} ${placeOf(stack, source)}`
}

function placeOf(stack: number | undefined, source: Source): string {
  return source.stack(stack).find(isApplication) ?? ''
}

/**
 * Of threads that were there at the end of the window. The agent classed waits before it was known what they were for: of those of
 * a class each thread has the same share of waits for locks.
 */
function lockMsByThread(source: Source, kindOf: (wait: NativeWait) => WaitKind): Map<string, Milliseconds> {
  const shares = lockShares(source, kindOf)
  const counters = new Map<string, [Milliseconds, number][]>()
  const told = toldByRuntime(source)
  for (const { t, pid, rows } of source.of('native-threads')) {
    if (told.has(pid)) continue
    const { idle, unclassified } = shares.get(pid) ?? { idle: 0, unclassified: 0 }
    for (const [tid, lockMs, idleMs, , unclassifiedMs] of rows) {
      const key = `${pid}/${tid}`
      // It had waited for nothing when it began.
      const counter = counters.get(key) ?? [[t - 1, 0]]
      counter.push([t, lockMs + idleMs * idle + unclassifiedMs * unclassified])
      counters.set(key, counter)
    }
  }
  const grown = [...counters].map(([key, counter]) => [key, growth(counterOf(counter), source.window)] as const)
  return new Map(grown.filter(([, ms]) => ms > 0))
}

/**
 * Of the time in waits that the agent took for idle, or could not class, the share that was for a lock, by process: of the latter what
 * semaphores tell by their use, and what is more in locks than the agent classed so, which stacks told.
 */
function lockShares(
  source: Source,
  kindOf: (wait: NativeWait) => WaitKind,
): ReadonlyMap<number, Record<'idle' | 'unclassified', Ratio>> {
  const shares = new Map<number, Record<'idle' | 'unclassified', Ratio>>()
  const classed = classedMs(source)
  for (const [pid, waits] of groupBy(source.of('native-wait'), (wait) => wait.pid)) {
    const { lock, unclassified } = classed.get(pid) ?? { lock: 0, unclassified: 0 }
    const sum = (some: readonly NativeWait[]) => some.reduce((total, { ms }) => total + ms, 0)
    const idle = waits.filter(({ kind }) => IDLE_KINDS.has(kind))
    const semaphores = waits.filter(({ kind }) => kind === 'semaphore')
    const locks = waits.filter(({ kind }) => LOCK_KINDS.has(kind))
    const isLock = (wait: NativeWait) => kindOf(wait).role === 'lock'
    const moved = Math.max(0, sum(locks) - lock) + sum(semaphores.filter(isLock))
    shares.set(pid, {
      idle: sum(idle.filter(isLock)) / Math.max(1, sum(idle)),
      unclassified: Math.min(1, moved / Math.max(1, unclassified)),
    })
  }
  return shares
}

/** What all threads of a process, those that are gone too, had spent at the last reading, by the agent's classes. */
function classedMs(source: Source): Map<number, Record<'lock' | 'unclassified', Milliseconds>> {
  const last = new Map(source.of('native-threads').map((record) => [record.pid, record]))
  return new Map(
    [...last].map(([pid, { rows, exited }]) => [
      pid,
      {
        lock: rows.reduce((sum, [, lockMs]) => sum + lockMs, exited[0]),
        unclassified: rows.reduce((sum, [, , , , unclassifiedMs]) => sum + unclassifiedMs, exited[3]),
      },
    ]),
  )
}

/** What is the same for all locks. */
interface Context {
  shareOf: ShareOf
  kindOf: (wait: NativeWait) => WaitKind
}

function describe(records: readonly NativeWait[], { shareOf, kindOf }: Context, source: Source): Lock[] {
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
  const heldUp = ms / source.windowMs
  const sides = records.map((record) => ({ side: sideOfWait(record, source), weight: record.n * shareOf(record) }))
  const known = kindOf(first)
  const kind = sides.some(({ side }) => side !== null) ? 'rwlock' : known.kind
  const held = holdersOf(pid, lock, shareOf, source)
  const waiters = heaviest(stacks, source).map(({ stack, weight }) => ({ stack, seconds: weight / 1000 }))
  const holder = lock === undefined ? null : holderBlocked(pid, lock, source)
  const turns =
    known.role === 'lock' && kind !== 'gil' ? turnstile({ pid, heldUp, waiters, holderBlocked: holder }, source) : null
  const { role, because } = turns ?? known
  const histogram = mergeHistograms(records.map((record) => record.waits))
  return [
    {
      id: '',
      kind,
      pid,
      slot: lock ?? '',
      name: kind === 'gil' ? GIL_NAME : nameOf(role === 'lock' ? kind : 'wait', waiters[0]?.stack ?? [], lock ?? ''),
      role,
      because: isSpun(first.kind, waits, held, source) ? `${because}; ${SPUN}` : because,
      waits: Math.round(waits),
      waitSeconds: ms / 1000,
      heldUp,
      waiterThreads: Math.max(...waiting.values(), seenWaiting(first, kind, source), Math.ceil(heldUp - ROUNDING)),
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

/** Distinct threads that the sampler saw waiting for it: by its address, where that says nothing by the place in the code. */
function seenWaiting({ pid, lock, stack }: NativeWait, kind: Lock['kind'], source: Source): number {
  const place = placeOf(stack, source)
  const isOfThis = (seen: RecordOf<'blocked'>) =>
    kind === 'gil'
      ? seen.kind === 'gil'
      : lock === undefined
        ? placeOf(seen.stack, source) === place
        : seen.lock === lock
  const blocked = source.within('blocked').filter((seen) => seen.pid === pid && isOfThis(seen))
  return new Set(blocked.flatMap(({ tids }) => tids)).size
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
  // By tracefs, where it was seen to wait for it.
  const holders = heaviest(stacks, source).map(({ stack, weight }) => ({
    stack: fromTaker(stack),
    share: weight / Math.max(unlocks, 1),
  }))
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
