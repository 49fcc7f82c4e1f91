import type { RecordOf } from '../../recording/schema.ts'
import type { Runtime } from '../../targets/identify.ts'
import type { Ratio } from '../../units.ts'
import { classifyFutex, type FutexWait } from '../native/futex.ts'
import { parksItself } from '../native/wait-functions.ts'
import type { FutexWaits } from './chunk.ts'
import type { Seen, Sightings } from './sightings.ts'

type NativeWait = RecordOf<'native-wait'>['kind']

/** A part of the waits on one word, that have one purpose and place. */
export interface Portion {
  kind: NativeWait
  state: FutexWait['state']
  /** 0 where it cannot be told. */
  lock: number
  /** Null where nobody was seen there. */
  seen: Seen | null
  share: Ratio
}

/** Less than this is not told apart. */
const LEAST: Ratio = 0.01
const LOOKED_AT = 12
const READER = /rdlock|read_contended|lock_shared/

/** What is known of the process whose threads wait. */
export interface Waiters {
  runtime: Runtime
  musl: boolean
  /** Threads that waited on the same word. */
  threads: number
}

/**
 * What waits on a word were for: as threads were seen to stand there; else as all were that called in the same way, where those agree;
 * else by operation and value alone. What a word was waited on for at one time is what it is waited on for at another, but for the
 * words that parked threads have of their own: their time is divided as it was seen to be.
 */
export function portionsOf(waits: FutexWaits, sightings: Sightings, waiters: Waiters): Portion[] {
  const { pid, address, op, value } = waits
  const here = sightings.atWord(pid, address)
  if (here.length > 0) return dividedBy(here, waits)
  const alike = sightings.byCall(pid, op, value)
  const [first] = alike
  const agree = alike.every(({ observation: { futex } }) => sameWait(futex, first?.observation.futex ?? null))
  if (first && agree) {
    if (isParked(waits)) return dividedBy(alike, waits)
    const { kind, state } = first.observation.futex ?? { kind: 'futex', state: 'unclassified' }
    return [{ kind: kindOf({ kind, state, lock: address }, waits, first), state, lock: address, seen: null, share: 1 }]
  }
  const wait = byValue(waits, waiters)
  return [{ kind: kindOf(wait, waits, null), state: wait.state, lock: wait.lock, seen: null, share: 1 }]
}

/** A parked thread waits on a word of its own, whatever for. */
function isParked({ op, value }: FutexWaits): boolean {
  return op === 0x80 && value === 1
}

function sameWait(a: FutexWait | null, b: FutexWait | null): boolean {
  return a?.kind === b?.kind && a?.state === b?.state
}

function dividedBy(seen: readonly Seen[], waits: FutexWaits): Portion[] {
  const total = seen.reduce((sum, { ms }) => sum + ms, 0)
  const worth = withLock(seen.filter(({ ms }) => ms >= LEAST * total))
  const kept = worth.reduce((sum, { ms }) => sum + ms, 0)
  return worth.flatMap((one) => {
    const { futex } = one.observation
    return futex
      ? [{ kind: kindOf(futex, waits, one), state: futex.state, lock: futex.lock, seen: one, share: one.ms / kept }]
      : []
  })
}

/** A look that came too late to tell the lock says nothing, where others tell it. */
function withLock(seen: readonly Seen[]): readonly Seen[] {
  const toldApart = ({ observation: { futex } }: Seen) => futex?.state !== 'contended' || futex.lock > 0
  const told = seen.filter(toldApart)
  return told.some(({ observation: { futex } }) => futex?.state === 'contended') ? told : seen
}

function byValue({ address, op, value, timeout }: FutexWaits, { runtime, musl, threads }: Waiters): FutexWait {
  if (musl && op === 0x80 && value === 2) return { kind: 'condvar', state: 'idle', lock: address }
  // No address is the thread's own stack, as far as is known.
  const call = { address, op, value, timeout: timeout ? 1 : 0, sp: Infinity }
  return classifyFutex(call, { functions: [], runtime, waiters: threads, mutexSite: false })
}

function kindOf({ kind, state }: FutexWait, { op }: FutexWaits, seen: Seen | null): NativeWait {
  if (state === 'unclassified') return kind === 'semaphore' ? 'semaphore' : 'park'
  if (kind === 'mutex') return op === 0x80 && !(seen && parkedBy(seen)) ? 'mutex' : 'futex-lock'
  if (kind === 'rwlock') return functionsOf(seen).some((name) => READER.test(name)) ? 'rwlock-read' : 'rwlock-write'
  if (kind === 'condvar') return (op & 0x7f) === 9 && (op & 0x100) === 0 ? 'futex-idle' : 'condition'
  if (kind === 'join' || kind === 'semaphore') return kind
  return state === 'idle' ? 'futex-idle' : 'futex-lock'
}

function parkedBy(seen: Seen): boolean {
  return functionsOf(seen).some(parksItself)
}

function functionsOf(seen: Seen | null): string[] {
  return (seen?.observation.stack ?? [])
    .slice(0, LOOKED_AT)
    .flatMap((address) => seen?.symbols.functionAt(address)?.name ?? [])
}
