import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { growth } from './counters.ts'
import { isApplication } from './frames.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import { holderBlocked } from './holder-blocked.ts'
import type { Source } from './index-records.ts'
import { heaviest, type LockPart, nameOf } from './lock-parts.ts'
import { nativeShares, type ShareOf } from './native-spans.ts'
import type { Lock } from './signals.ts'

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
  const { kind, role, because } = KINDS[first.kind]
  const waiters = heaviest(stacks, source).map(({ stack, weight }) => ({ stack, seconds: weight / 1000 }))
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
      because,
      waits: Math.round(waits),
      waitSeconds: ms / 1000,
      heldUp: ms / source.windowMs,
      // Seen at once, or as many as waited at all where they come and go.
      waiterThreads: Math.max(...waiting.values(), Math.min(threads, waits)),
      ...holdersOf(pid, lock, shareOf, source),
      // Each record's `max` is the longest ever: of the window it is known by its bucket.
      waitMs: quantiles(histogram),
      holderBlocked: lock === undefined ? null : holderBlocked(pid, lock, source),
      waiters,
    },
  ]
}

/** Who gave it back while others waited: a hold is timed when its thread had waited for it, the others are taken to last as long. */
function holdersOf(
  pid: number,
  lock: string | undefined,
  shareOf: ShareOf,
  source: Source,
): Pick<Lock, 'holders' | 'holdPerSecond'> {
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
  return { holders, holdPerSecond: holds > 0 ? Math.min(1, ((holdMs / holds) * unlocks) / source.windowMs) : null }
}
