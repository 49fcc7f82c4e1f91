import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { functionName } from './frames.ts'
import { groupBy } from './group-by.ts'
import { holderBlocked } from './holder-blocked.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { heaviest, type LockPart, nameOf } from './lock-parts.ts'
import { readHolds } from './runtime-holds.ts'
import { type RuntimeShares, runtimeShares } from './runtime-shares.ts'
import type { Lock } from './signals.ts'
import { threadKey } from './thread-names.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import { turnstile } from './turnstile.ts'
import { writeShare } from './write-share.ts'

type RuntimeWait = RecordOf<'runtime-wait'>

/** By what is waited for; what a semaphore or a bare park is for nobody says. */
const ROLES: Readonly<Record<RuntimeWait['kind'], Pick<Lock, 'kind' | 'role'>>> = {
  mutex: { kind: 'mutex', role: 'lock' },
  'rwlock-read': { kind: 'rwlock', role: 'lock' },
  'rwlock-write': { kind: 'rwlock', role: 'lock' },
  condition: { kind: 'mutex', role: 'idle' },
  semaphore: { kind: 'mutex', role: 'unclassified' },
  park: { kind: 'mutex', role: 'unclassified' },
}
const BECAUSE: Readonly<Record<Lock['role'], string>> = {
  lock: 'the runtime itself tells who waits for it',
  idle: 'the runtime itself tells that it is a wait for work or an answer',
  unclassified: 'what it guards or announces the runtime does not tell',
}
/** Goroutines are looked at more rarely than threads, but all of them at once. */
const LOOKS = 6
/** Of looks at a lock's holder, those at which nobody could be told. */
const UNKNOWN_AT_MOST: Ratio = 0.2
/** Standard errors either way, of what is sampled. */
const Z = 2

/** Waits for locks as a JVM or a Go program tells of them; null without any such process. */
export function readRuntimeLocks(source: Source): LockPart | null {
  if (toldByRuntime(source).size === 0) return null
  const shares = runtimeShares(source)
  const waits = source.of('runtime-wait').filter((wait) => shares.shareOf(wait) > 0)
  // Of conditions and parks each waiter has its own: the place is what is meant.
  const idOf = (wait: RuntimeWait) =>
    ROLES[wait.kind].role === 'lock' ? wait.lock : functionName(source.stack(wait.stack).find(isOwn) ?? '')
  const groups = groupBy(waits, (wait) => `${wait.pid} ${ROLES[wait.kind].role} ${wait.of} ${idOf(wait)}`)
  const described = [...groups.values()].flatMap((records) => {
    const lock = describe(records, shares, source)
    return lock ? [{ lock, error: lock.waits === null ? sampleError(records) : 0 }] : []
  })
  const secondsOf = (role: Lock['role'], sign: -1 | 0 | 1) =>
    described.reduce(
      (sum, { lock, error }) => sum + (lock.role === role ? lock.waitSeconds * Math.max(0, 1 + sign * error) : 0),
      0,
    )
  return {
    locks: described.map(({ lock }) => lock),
    secondsLow: secondsOf('lock', -1),
    secondsHigh: secondsOf('lock', 1),
    unclassifiedSeconds: secondsOf('unclassified', 0),
    msByThread: lockMsByThread(waits, shares),
    fidelity: described.some(({ lock }) => lock.fidelity === 'sampled') ? 'sampled' : 'exact',
  }
}

/** Of goroutines, by how many were seen in all. */
function sampleError(records: readonly RuntimeWait[]): Ratio {
  return (
    Z /
    Math.sqrt(
      Math.max(
        1,
        sumOf(records, ({ n }) => n),
      ),
    )
  )
}

function sumOf(records: readonly RuntimeWait[], valueOf: (record: RuntimeWait) => number): number {
  return records.reduce((sum, record) => sum + valueOf(record), 0)
}

/** Of them those that are for locks. */
export function runtimeLockWaits(source: Source): RuntimeWait[] {
  return source.of('runtime-wait').filter(({ kind }) => ROLES[kind].role === 'lock')
}

function describe(records: readonly RuntimeWait[], { shareOf, isSampled }: RuntimeShares, source: Source): Lock | null {
  const [first] = records
  if (!first) return null
  const { pid, lock } = first
  const stacks = new Map<number | undefined, Milliseconds>()
  for (const record of records) stacks.set(record.stack, (stacks.get(record.stack) ?? 0) + record.ms * shareOf(record))
  const ms = sumOf(records, (record) => record.ms * shareOf(record))
  const threads = new Set(records.flatMap((record) => record.threads.map(([tid]) => tid)))
  // Goroutines are only looked at.
  const counted = threads.size > 0
  const { kind, role: known } = ROLES[first.kind]
  const waiters = heaviest(stacks, source).map(({ stack, weight }) => ({ stack, seconds: weight / 1000 }))
  const heldUp = ms / source.windowMs
  const turns = known === 'lock' ? turnstile({ pid, heldUp, waiters, holderBlocked: null }, source) : null
  const of = source.text(first.of)
  const sides = records.flatMap(({ kind: side, n }) =>
    side === 'rwlock-read' || side === 'rwlock-write'
      ? [{ side: side === 'rwlock-write' ? ('write' as const) : ('read' as const), weight: n }]
      : [],
  )
  return {
    id: '',
    kind,
    pid,
    slot: lock,
    name: nameOf(of, waiters[0]?.stack ?? [], known === 'lock' ? lock : ''),
    role: turns?.role ?? known,
    because: turns?.because ?? BECAUSE[known],
    waits: counted ? Math.round(sumOf(records, (record) => record.n * shareOf(record))) : null,
    waitSeconds: ms / 1000,
    heldUp,
    // Of goroutines it is not known which: as many as stood there on average.
    waiterThreads: counted ? threads.size : Math.ceil(heldUp),
    ...readHolds(pid, lock, shareOf, source),
    holdMs: null,
    waitMs: counted ? quantiles(mergeHistograms(records.map((record) => record.waits))) : null,
    fidelity: isSampled(pid) ? 'sampled' : 'exact',
    holderBlocked: known === 'lock' ? knownHolderBlocked(pid, lock, source) : null,
    writeShare: writeShare(sides),
    stuck: null,
    waiters,
  }
}

/** Of locks whose holder was known at nearly all looks: else one that was may be another that passed by. */
function knownHolderBlocked(pid: number, lock: string, source: Source): Lock['holderBlocked'] {
  const looks = source.within('holder').filter((look) => look.pid === pid && look.lock === lock)
  const unknown = looks.filter(({ doing }) => source.text(doing) === 'unknown').length
  return unknown > looks.length * UNKNOWN_AT_MOST ? null : holderBlocked(pid, lock, source, LOOKS)
}

function lockMsByThread(waits: readonly RuntimeWait[], { shareOf }: RuntimeShares): Map<string, Milliseconds> {
  const ms = new Map<string, Milliseconds>()
  for (const wait of waits) {
    if (ROLES[wait.kind].role !== 'lock') continue
    const share = shareOf(wait)
    for (const [tid, waited] of wait.threads) {
      const key = threadKey({ pid: wait.pid, tid })
      ms.set(key, (ms.get(key) ?? 0) + waited * share)
    }
  }
  return ms
}

/** Not the library that the wait itself is made of. */
function isOwn(frame: string): boolean {
  return !/^(java|jdk|sun|runtime|sync|internal)[./]/.test(frame)
}
