/** Locks, as signals.ts has them. */
import type { Fidelity } from '../recording/schema.ts'
import type { Milliseconds, Ratio, Seconds } from '../units.ts'
import type { Quantiles } from './signals.ts'

export interface Lock {
  /** `L1` … in order of wait. */
  id: string
  kind: 'mutex' | 'rwlock' | 'promise-lock' | 'gil'
  pid: number
  /** A JavaScript lock's place in its buffer, a native one's address; '' where it can't be told. */
  slot: string
  name: string
  /** A lock, an idle wait for work, or what could not be told apart. */
  role: 'lock' | 'idle' | 'unclassified'
  /** One sentence: the facts that decided `role`. */
  because: string
  /** Null where only samples of them were seen, as with `waitMs`. */
  waits: number | null
  waitSeconds: Seconds
  /** Threads held up: waitSeconds per second of the window. */
  heldUp: number
  /** Distinct threads that waited. */
  waiterThreads: number
  /** Seconds per second that it was held, by threads that had waited for it or while others did: 1 = serial. Null where no holder was seen. */
  holdPerSecond: number | null
  /** Of both figures of its holds: exact where those that were timed say more than what was seen. */
  holdFidelity: Fidelity
  /** The same, for each time that it was given back while others waited; null where that was not counted. */
  holdMs: Milliseconds | null
  waitMs: Quantiles | null
  /** Of its waits; its holder is only ever looked at. */
  fidelity: Fidelity
  /** Null where nobody looked at its holder. */
  holderBlocked: HolderBlocked | null
  /** Of the waits for a read-write lock those to write, by number where they were counted, else by time; null where unknown. */
  writeShare: Ratio | null
  /** Nobody got it for some time up to the end of the window, although threads wait for it; null where somebody did. */
  stuck: StuckLock | null
  waiters: { stack: string[]; seconds: Seconds }[]
  holders: { stack: string[]; share: Ratio }[]
}

/** Of the looks at the thread that held a lock while others waited for it. */
export interface HolderBlocked {
  /** How many found it off CPU, and in which call mostly. */
  share: Ratio
  in: string
  /** Part of `share`: in the queue of another lock, which is then what to look at. */
  behindLock: Ratio
  /** Where it mostly was, behind no lock. */
  stack: string[]
}

export interface StuckLock {
  seconds: Seconds
  /** CPU of its process meanwhile, in cores. */
  cores: number
  /** Who held it all the time; null for a lock that does not say. `awaits`: `slot` of the lock that this thread waits for itself. */
  owner: { tid: number; name: string; doing: string; awaits: string | null; stack: string[] } | null
}

export interface LockWait {
  /** Of all slots whose role is `lock`. */
  seconds: Seconds
  secondsLow: Seconds
  secondsHigh: Seconds
  threadSecondsPerSecond: number
  unclassifiedSeconds: Seconds
  /** seconds ÷ (seconds + on-CPU + runnable) of the threads that ever waited for a lock. */
  ratio: Ratio
  /** The same two of each process whose threads waited for a lock. */
  byProcess: ReadonlyMap<number, { seconds: Seconds; ratio: Ratio }>
  fidelity: Fidelity
  /** All roles, most wait first. */
  locks: Lock[]
}
