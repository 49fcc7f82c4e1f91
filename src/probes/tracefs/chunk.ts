import type { Histogram } from '../../recording/schema.ts'
import type { Nanoseconds, Seconds } from '../../units.ts'

/** Waits in futex of one thread on one word, since the chunk before. */
export interface FutexWaits {
  pid: number
  tid: number
  address: number
  op: number
  /** What the word was expected to hold: itself where it tells something, else one that stands for any (`valueClass`). */
  value: number
  timeout: boolean
  /** Waits that ended; calls of one lock function that wait again and again count once. */
  n: number
  /** Of the wait in flight too, as far as it got. */
  ns: Nanoseconds
  /** The longest since the chunk before, from its beginning. */
  longest: Nanoseconds
  waiting: boolean
  waits: Histogram
}

/** Wake-ups by one thread of those that wait on one word: it gave a lock back, or told of work. */
export interface FutexWakes {
  pid: number
  tid: number
  address: number
  n: number
  /** Those of a thread that had waited for it before, the time since it got it, of that what it was blocked, and of this in another futex. */
  holds: number
  holdNs: Nanoseconds
  blockedNs: Nanoseconds
  parkedNs: Nanoseconds
}

interface LoopTurns {
  pid: number
  tid: number
  poll: 'epoll' | 'poll'
  turns: number
  ns: Nanoseconds
  longest: Nanoseconds
  over10Ms: number
  turnMs: Histogram
}

/** What one process counted since the chunk before. */
export interface ProcessCounts {
  pid: number
  /** Since when it is counted. */
  since: Nanoseconds
  /** False once it has ended. */
  alive: boolean
  created: number
  exited: number
  lifetimeNs: Nanoseconds
  lifetimes: Histogram
  accepts: number
  requests: number
}

/** What the kernel told of the target since the chunk before; times are CLOCK_MONOTONIC. */
export interface Chunk {
  /** Up to here everything is in it. */
  at: Nanoseconds
  processes: ProcessCounts[]
  forks: { at: Nanoseconds; pid: number; tid: number; child: number; command: string }[]
  /** Threads that were created and are still there. */
  born: { pid: number; tid: number; at: Nanoseconds }[]
  gone: { pid: number; tid: number }[]
  waits: FutexWaits[]
  wakes: FutexWakes[]
  polled: { pid: number; tid: number; ns: Nanoseconds }[]
  loops: LoopTurns[]
  /** Of 10 ms and over. */
  turns: { pid: number; tid: number; endedAt: Nanoseconds; ns: Nanoseconds }[]
}

/** What the reader is told. */
export type ToReader =
  | { do: 'start'; processes: FollowedProcess[] }
  | { do: 'follow'; processes: FollowedProcess[] }
  | { do: 'stop' }

export interface FollowedProcess {
  pid: number
  /** Another probe sees to it: nothing of it is recorded. */
  ignore: boolean
}

/** What the reader tells. */
export type FromReader =
  | { started: true }
  | { failed: string }
  | { chunk: Chunk; events: number; lost: number; cpuSeconds: Seconds; last: boolean }
