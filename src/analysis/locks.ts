import type { Seconds } from '../units.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { heaviest, type LockPart, nameOf } from './lock-parts.ts'
import { judgeSlot } from './lock-role.ts'
import { readNativeLocks } from './native-locks.ts'
import { readRuntimeLocks } from './runtime-locks.ts'
import { stuckRuntimeLocks } from './runtime-stuck.ts'
import { sampledLockPart } from './sampled-lock-part.ts'
import type { Lock, LockWait } from './signals.ts'
import { stuckLock } from './stuck-lock.ts'
import { collectSlots, waitersOf } from './slots.ts'
import type { Slot } from './slots.ts'
import { scheduled } from './thread-samples.ts'
import type { ThreadSamples } from './thread-samples.ts'

/** Lock waits of the window; null where no probe could see them. Also each thread's share, for its thread-time. */
export function readLockWait(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
): { lockWait: LockWait; msByThread: Map<string, number> } | null {
  const read = [javascriptLocks, readNativeLocks, sampledLockPart, readRuntimeLocks]
  const parts = [...read.map((of) => of(source)), stuckRuntimeLocks(source, threads)].filter((part) => part !== null)
  if (parts.length === 0) return null
  const msByThread = new Map<string, number>()
  for (const [thread, ms] of parts.flatMap((part) => [...part.msByThread]))
    msByThread.set(thread, (msByThread.get(thread) ?? 0) + ms)
  const locks = parts.flatMap((part) => part.locks)
  mergeIdle(locks)
  locks.sort((a, b) => rank(a) - rank(b) || b.waitSeconds - a.waitSeconds)
  locks.forEach((lock, i) => (lock.id = `L${i + 1}`))
  for (const lock of locks) lock.stuck ??= stuckLock(lock, source, threads)

  const sum = (field: 'secondsLow' | 'secondsHigh' | 'unclassifiedSeconds') =>
    parts.reduce((seconds, part) => seconds + part[field], 0)
  // The most likely within a bracket; where the bracket is a point, that.
  const seconds = (sum('secondsLow') + sum('secondsHigh')) / 2
  const worked = workedSeconds(locks, msByThread, threads, source)
  const all = seconds + [...worked.values()].reduce((total, own) => total + own, 0)
  return {
    lockWait: {
      seconds,
      secondsLow: sum('secondsLow'),
      secondsHigh: sum('secondsHigh'),
      threadSecondsPerSecond: seconds / (source.windowMs / 1000),
      unclassifiedSeconds: sum('unclassifiedSeconds'),
      ratio: all > 0 ? seconds / all : 0,
      byProcess: waitByProcess(locks, worked),
      fidelity: parts.every((part) => part.fidelity === 'exact' || part.secondsHigh === 0) ? 'exact' : 'sampled',
      locks,
    },
    msByThread,
  }
}

function waitByProcess(locks: readonly Lock[], worked: ReadonlyMap<number, Seconds>): LockWait['byProcess'] {
  const own = groupBy(
    locks.filter(({ role, kind }) => role === 'lock' && kind !== 'promise-lock'),
    ({ pid }) => pid,
  )
  return new Map(
    [...own].map(([pid, of]) => {
      const seconds = of.reduce((sum, { waitSeconds }) => sum + waitSeconds, 0)
      return [pid, { seconds, ratio: seconds / Math.max(1e-9, seconds + (worked.get(pid) ?? 0)) }]
    }),
  )
}

/**
 * On CPU and runnable, of the threads that waited for locks, by process; of processes whose waits are not known by thread, of all
 * threads.
 */
function workedSeconds(
  locks: readonly Lock[],
  msByThread: ReadonlyMap<string, number>,
  threads: ReadonlyMap<string, ThreadSamples>,
  { window }: Source,
): Map<number, Seconds> {
  const known = new Set([...msByThread.keys()].map((key) => key.split('/')[0]))
  const whole = new Set(
    locks.flatMap(({ pid, role }) => (role === 'lock' && !known.has(String(pid)) ? [String(pid)] : [])),
  )
  const worked = new Map<number, Seconds>()
  for (const [key, thread] of threads) {
    if (!msByThread.has(key) && !whole.has(key.split('/')[0] ?? '')) continue
    const { cpuMs, queuedMs } = scheduled(thread, window)
    worked.set(thread.pid, (worked.get(thread.pid) ?? 0) + (cpuMs + queuedMs) / 1000)
  }
  return worked
}

/** Locks of JavaScript threads, as the Node agent saw them. */
function javascriptLocks(source: Source): LockPart | null {
  if (source.of('node').length === 0) return null
  const msByThread = new Map<string, number>()
  const totals = { lock: 0, idle: 0, unclassified: 0 }
  const locks: Lock[] = []
  for (const slot of collectSlots(source)) {
    const lock = describe(slot, source)
    if (slot.waits === 0) continue
    locks.push(lock)
    // An asynchronous wait holds up a request, not a thread.
    if (slot.async) continue
    totals[lock.role] += lock.waitSeconds
    if (lock.role !== 'lock') continue
    for (const [thread, ms] of slot.waitMsByThread) msByThread.set(thread, (msByThread.get(thread) ?? 0) + ms)
  }
  locks.push(...promiseLocks(source))
  return {
    locks,
    secondsLow: totals.lock,
    secondsHigh: totals.lock,
    unclassifiedSeconds: totals.unclassified,
    msByThread,
    fidelity: 'exact',
  }
}

/** A pool often has a slot for each worker: idle waits at one place in the code are one row. */
function mergeIdle(locks: Lock[]): void {
  const first = new Map<string, Lock>()
  for (const lock of locks.filter(({ role }) => role === 'idle')) {
    const key = `${lock.pid} ${lock.kind} ${lock.name}`
    const into = first.get(key)
    if (!into) {
      first.set(key, lock)
      continue
    }
    into.waits = into.waits === null || lock.waits === null ? null : into.waits + lock.waits
    into.waitSeconds += lock.waitSeconds
    into.heldUp += lock.heldUp
    into.waiterThreads += lock.waiterThreads
    if (into.waitMs && lock.waitMs) into.waitMs.max = Math.max(into.waitMs.max, lock.waitMs.max)
    locks.splice(locks.indexOf(lock), 1)
  }
}

/** Locks first, idle waits last. */
function rank(lock: Lock): number {
  return ['lock', 'unclassified', 'idle'].indexOf(lock.role)
}

function describe(slot: Slot, source: Source): Lock {
  const waiters = heaviest(waitersOf(slot), source).map(({ stack, weight }) => ({ stack, seconds: weight / 1000 }))
  const holders = heaviest(slot.holders, source)
  const notified = holders.reduce((sum, { weight }) => sum + weight, 0)
  const kind = slot.async ? 'promise-lock' : 'mutex'
  const { role, because } = judgeSlot(slot)
  return {
    id: '',
    kind,
    pid: slot.pid,
    slot: slot.slot,
    name: nameOf(role === 'lock' ? 'mutex' : 'slot', waiters[0]?.stack ?? [], slot.slot),
    role,
    because,
    waits: slot.waits,
    waitSeconds: slot.waitMs / 1000,
    heldUp: slot.waitMs / source.windowMs,
    waiterThreads: slot.waitMsByThread.size,
    // A hold is timed when its thread had waited for it; the others are taken to last as long.
    holdPerSecond: slot.holds > 0 ? Math.min(1, ((slot.holdMs / slot.holds) * slot.notifies) / source.windowMs) : null,
    holdFidelity: 'exact',
    holdMs: slot.holds > 0 ? slot.holdMs / slot.holds : null,
    waitMs: quantiles(mergeHistograms(slot.histograms), slot.maxMs),
    fidelity: 'exact',
    holderBlocked: null,
    writeShare: null,
    stuck: null,
    waiters,
    holders: holders.map(({ stack, weight }) => ({ stack, share: weight / Math.max(1, notified) })),
  }
}

/** Waits for promise-based locks, by lock library and name. */
function promiseLocks(source: Source): Lock[] {
  const byName = groupBy(source.within('promise-lock'), (record) => `${record.pid} ${record.name}`)
  return [...byName.values()].map((records) => {
    const [{ pid, name } = { pid: 0, name: '' }] = records
    const stacks = new Map<number | undefined, number>()
    for (const { stack, ms } of records) stacks.set(stack, (stacks.get(stack) ?? 0) + ms)
    const waitMs = records.reduce((sum, { ms }) => sum + ms, 0)
    const waiters = heaviest(stacks, source).map(({ stack, weight }) => ({ stack, seconds: weight / 1000 }))
    return {
      id: '',
      kind: 'promise-lock',
      pid,
      slot: name,
      name: nameOf(name, waiters[0]?.stack ?? [], name),
      role: 'lock',
      because: 'a lock by its name',
      waits: records.reduce((sum, { n }) => sum + n, 0),
      waitSeconds: waitMs / 1000,
      heldUp: waitMs / source.windowMs,
      waiterThreads: new Set(records.map(({ tid }) => tid)).size,
      holdPerSecond: null,
      holdFidelity: 'exact',
      holdMs: null,
      waitMs: quantiles(mergeHistograms(records.map(({ waits }) => waits)), Math.max(...records.map(({ max }) => max))),
      fidelity: 'exact',
      holderBlocked: null,
      writeShare: null,
      stuck: null,
      waiters,
      holders: [],
    }
  })
}
