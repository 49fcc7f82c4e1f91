/** Signals of threads, workers and processes: how many there are, who makes them, and what they spend their time in. */
import type { Fidelity } from '../recording/schema.ts'
import type { Bytes, Milliseconds, PerSecond, Ratio, Seconds } from '../units.ts'
import type { Quantiles } from './signals.ts'

export interface Threads {
  peak: number
  mean: number
  created: number
  /** What the estimate lies between where `created` is one; both the same where it was counted. */
  createdLow: number
  createdHigh: number
  exited: number
  createdPerSecond: PerSecond
  createdPerRequest: number | null
  /** Of threads that ended, and where they are created, most first: as far as the native agent counted them. */
  lifetimeMs: Quantiles | null
  creators: { stack: string[]; count: number }[]
  /** The group of most of the threads that began in the window and have not ended; null where none did. */
  growingGroup: string | null
  /** `[t, live threads]`, and `[t, open sockets]` where these could be seen. */
  series: [Milliseconds, number][]
  sockets: [Milliseconds, number][] | null
  fidelity: Fidelity
}

export interface Workers {
  created: number
  exited: number
  createdPerRequest: number | null
  livePeak: number
  lifetimeMs: Quantiles | null
  /** Mean V8 heap plus external memory of a live worker, null where none reported. */
  heapBytesEach: Bytes | null
  /** Where they are created, most first. */
  creators: { stack: string[]; count: number }[]
  fidelity: Fidelity
}

export interface Processes {
  created: number
  /** What it lies between where it is an estimate; both the same where they were counted. */
  createdLow: number
  createdHigh: number
  createdPerRequest: number | null
  /** What most of them ran, and where their parent waits for them; empty where none was seen. */
  command: string
  creators: { stack: string[]; share: Ratio }[]
  fidelity: Fidelity
}

export type ThreadState = 'onCpu' | 'runnable' | 'lockWait' | 'idleWait' | 'ioWait' | 'sleeping' | 'unknown'

/** Thread-time of each group in each step of the recording; of states in which it ever was. */
export type ThreadTimeSteps = { group: string; seconds: Partial<Record<ThreadState, Seconds[]>> }[]

/** Thread-time of one group; the states add up to the group's thread lifetime in the window. */
export interface ThreadGroup {
  group: string
  threads: number
  seconds: Record<ThreadState, Seconds>
}

/** Threads of one kind of an asynchronous runtime: how many there were on average, and were in each state. */
export interface RuntimePool {
  threads: number
  /** Different ones that were seen. */
  peak: number
  /** On CPU or waiting for a core. */
  running: number
  /** In a call that blocks, and in the queue of a lock. What is left has nothing to do. */
  inCalls: number
  inLocks: number
  /** Of workers: those with nothing to do in a runtime of which others are blocked, whose tasks they take; the fewest of such runtimes. */
  resting: number
  /** Where, most first. */
  calls: { call: string; isLock: boolean; stack: string[]; threads: number }[]
}

/** Tokio, as told by its functions on the stacks, and event loops of other programs. */
export interface AsyncRuntime {
  workers: RuntimePool
  blockingPool: RuntimePool
  /** Threads that are each the one event loop of a process that listens, not Node's, those of them that are blocked most: in any wait but the loop's own. */
  loops: RuntimePool
  fidelity: Fidelity
}

/** libuv's thread pool, by trivial jobs that the agent asks it for. */
export interface LibuvPool {
  pid: number
  jobs: number
  jobMs: Quantiles
  fidelity: Fidelity
}

/** CPU of native threads in loops that only wait for another one. */
export interface Spin {
  /** Of all CPU whose code was seen. */
  share: Ratio
  cores: number
  /** Where, most first. */
  places: { stack: string[]; share: Ratio }[]
  fidelity: Fidelity
}
