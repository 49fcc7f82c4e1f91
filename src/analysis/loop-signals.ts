/** Signals of event loops, of Node and of native programs, and of what stops them. */
import type { Fidelity } from '../recording/schema.ts'
import type { Bytes, Milliseconds, Ratio, Seconds } from '../units.ts'
import type { Quantiles } from './signals.ts'

export interface Stall {
  /** Time it ended and how long it took. */
  t: Milliseconds
  ms: Milliseconds
  pid: number
  /** Of the stall: on CPU, runnable without a core, in garbage collection; null where unknown. */
  cpuMs: Milliseconds | null
  queuedMs: Milliseconds | null
  gcMs: Milliseconds
  /** What took most of it: JavaScript on CPU, a synchronous call that blocked, garbage collection, other processes' use of the cores. */
  cause: 'cpu' | 'blocked' | 'gc' | 'stolen' | 'unknown'
  /** Heaviest stacks in it, leaf first, from the CPU profile. */
  stacks: { stack: string[]; share: Ratio }[]
}

export interface EventLoop {
  /** Of the busiest main thread that serves: delay beyond the timer's own period. */
  turnMs: Quantiles
  /** Null over a profiled window (V8's profiler falsifies it): read `mainThreadCpu` then. */
  utilization: Ratio | null
  /** Share of a core the main thread was on CPU. */
  mainThreadCpu: Ratio | null
  /** Of the requests that main threads serve, those that this one does: of eight processes of a cluster, an eighth. */
  requestShare: Ratio
  stallsOver50Ms: number
  /** Time in stalls over 50 ms. */
  blockedSeconds: Seconds
  /** All main threads' stalls of 50 ms and over, in time order. */
  stalls: Stall[]
  fidelity: Fidelity
}

export interface Gc {
  pauseSeconds: Seconds
  /** Of the window, in the worst thread. */
  share: Ratio
  /** Of the window, in the worst serving main thread. */
  mainThreadShare: Ratio
  /** The worst is a JVM, of which a pause stops every thread. */
  stopsAll: boolean
  longestMs: Milliseconds
  /** Half of the worst thread's time in pauses is in ones of this length or longer; 0 under 2 ms. */
  typicalMs: Milliseconds
  heapUsedPeakBytes: Bytes | null
  fidelity: Fidelity
}

/** A synchronous call on a serving main thread. */
export interface SyncCall {
  pid: number
  /** `execFileSync (node:child_process)`. */
  call: string
  /** Wall seconds inside it; the longest uninterrupted one, ±1 sample. */
  seconds: Seconds
  longestMs: Milliseconds
  calls: number
  stack: string[]
}

/** The loops of one group of native threads: a turn is from the return of a poll to the next one. */
export interface LoopGroup {
  group: string
  threads: number
  poll: 'epoll' | 'poll'
  turns: number
  /** Share of the loops' time outside of a poll. */
  busy: Ratio
  turnMs: Quantiles
  over10Ms: number
  /** Turns of 10 ms and over, longest first: when they ended, how long they took, and whose they were. */
  longest: { t: Milliseconds; ms: Milliseconds; pid: number; tid: number }[]
}

export interface Loops {
  /** The busiest first. */
  groups: LoopGroup[]
  fidelity: Fidelity
}
