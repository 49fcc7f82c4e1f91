/**
 * Every signal that a detector or a report can read, over the analysed window. A signal that was not measured is null,
 * never zero. Seconds are thread-seconds over the window; per-second figures are averages over it.
 */
import type { Fidelity } from '../recording/schema.ts'
import type { Cgroup, Cpu, Neighbours, RunQueue, Switches } from './cpu-signals.ts'
import type { AcceptQueue, ClientSockets, Connections, Upstreams } from './connection-signals.ts'
import type { Lock, LockWait } from './lock-signals.ts'
import type { CallTree } from '../stacks/call-tree.ts'
import type { UslFit } from './scale/usl.ts'
import type { ScaleLimit } from './scale/limit.ts'
import type { LockStepShares } from './lock-wait-steps.ts'
import type { TimeSteps } from './time-steps.ts'
import type { Bytes, Milliseconds, PerSecond, Ratio, Seconds } from '../units.ts'

export type { Cgroup, Cpu, Neighbours, RunQueue, Switches } from './cpu-signals.ts'
export type { AcceptQueue, ClientSockets, Connections, Upstreams } from './connection-signals.ts'
export type { HolderBlocked, Lock, LockWait, StuckLock } from './lock-signals.ts'

/** Quantiles of a histogram. */
export interface Quantiles {
  p50: Milliseconds
  p90: Milliseconds
  p99: Milliseconds
  max: Milliseconds
}

export interface Memory {
  rssPeakBytes: Bytes
  rssMeanBytes: Bytes
  fidelity: Fidelity
  /** `[t, bytes]` of the whole target. */
  series: [Milliseconds, Bytes][]
}

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
  heapUsedPeakBytes: Bytes | null
  fidelity: Fidelity
}

export interface Http {
  requests: number
  timeouts: number
  resets: number
  non2xx: number
  errors: number
  perSecond: PerSecond
  latencyMs: { mean: number; stddev: number; p50: number; p90: number; p99: number; max: number }
  inFlightPeak: number
  inFlightMean: number
  source: 'client' | 'agent'
}

/** A synchronous call on a serving main thread. */
export interface SyncCall {
  /** `execFileSync (node:child_process)`. */
  call: string
  /** Wall seconds inside it; the longest uninterrupted one, ±1 sample. */
  seconds: Seconds
  longestMs: Milliseconds
  calls: number
  stack: string[]
}

/** The CPU profile of the target, by thread. */
export interface Profiles {
  /** Of V8's samples; 0 where there are none, as of native programs alone. */
  sampleMs: Milliseconds
  threads: { pid: number; tid: number; group: string; main: boolean; tree: CallTree }[]
  /** Synchronous calls (fs, child_process, Atomics.wait …) on serving main threads. */
  syncCalls: SyncCall[]
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

/** Tokio, as told by its functions on the stacks. */
export interface AsyncRuntime {
  workers: RuntimePool
  blockingPool: RuntimePool
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

/** What the recording itself is worth. */
export interface Quality {
  /** Length of the whole recording and of the analysed window. */
  recordedSeconds: Seconds
  windowSeconds: Seconds
  droppedEvents: number
  keptEvents: number
  /** Share of holdup's own sweeps that came late by over half a period. */
  lateSweeps: Ratio
  /** Why the recording ended early or is partial; null when whole. */
  cutOff: string | null
  exit: { code: number | null; signal: string | null } | null
  /** The target ended by itself, not because holdup stopped it. */
  endedByItself: boolean
  /** Samples of V8's CPU profile in the window, null when it was off. */
  profileSamples: number | null
  /** Figures that two probes have of the same thing. */
  crossChecks: CrossCheck[]
  /** Requests in the window, whoever counted them; null where nobody could. */
  requests: number | null
}

/** A figure of the most exact probe, and what another one leaves open for it: its own error and chance included. */
export interface CrossCheck {
  signal: string
  unit: string
  /** Null where it is the whole target's. */
  pid: number | null
  value: number
  by: string
  low: number
  high: number
  against: string
  agrees: boolean
}

/** What holdup's own load driver was short of. */
export interface Client {
  /** CPU of its process, which has one thread that counts. */
  cores: number
  /** Cores of the machine, and those that had nothing to do. */
  machineCores: number
  idleCores: number
  /** How late its own timers came. */
  lagMs: Quantiles
  /** At a given rate: how long after its time each request was taken up, and how many waited for a connection at most. */
  pacingMs: Quantiles | null
  queuedPeak: number | null
}

/** A step of `holdup scale`: the signals of its own window. What was not measured is null. */
export interface ScalePoint {
  /** Connections, each with one request in flight. */
  n: number
  of: 'ramp' | 'capacity'
  from: Milliseconds
  to: Milliseconds
  perSecond: PerSecond
  latencyMs: Http['latencyMs']
  errorShare: Ratio
  /** Whether it held the SLO; null without one. */
  holds: boolean | null
  /** CPU of the target, of the cores that it may use; cores of the machine without work; CPU of the load driver. */
  cores: number | null
  available: number | null
  idleCores: number | null
  clientCores: number | null
  mainThread: Ratio | null
  /** Threads that waited for a core, on average. */
  runQueue: number | null
  threads: number | null
  createdPerRequest: number | null
  switchesPerRequest: number | null
  cpuMsPerRequest: Milliseconds | null
  /** The lock that most threads, or requests, stood at. */
  lock: Pick<Lock, 'pid' | 'slot' | 'kind' | 'name' | 'heldUp' | 'waiterThreads' | 'holdPerSecond'> | null
  /** The client was the limit, not the server: no point of the fit. */
  clientBusy: boolean
}

/** What `holdup scale` measured. */
export interface Scale {
  /** In the order in which they were measured. */
  points: ScalePoint[]
  fit: UslFit | null
  /** Why the ramp ended. */
  ended: string
  limit: ScaleLimit
  /** The largest N that holds the SLO; `isBound`: a larger one was seen not to. */
  capacity: { n: number; slo: string; trials: number; isBound: boolean } | null
}

export interface Signals {
  quality: Quality
  cpu: Cpu
  cgroup: Cgroup
  neighbours: Neighbours
  memory: Memory
  threads: Threads
  workers: Workers
  processes: Processes
  switches: Switches
  runQueue: RunQueue
  lockWait: LockWait
  eventLoop: EventLoop
  /** Of native programs; of Node, `eventLoop` says more. */
  loops: Loops
  asyncRuntime: AsyncRuntime
  spin: Spin
  libuvPool: LibuvPool
  gc: Gc
  /** Client-side where holdup drove the load, else as the target's own server saw it. */
  http: Http
  /** Always as the target's own server saw it. */
  httpServer: Http
  connections: Connections
  acceptQueue: AcceptQueue
  upstreams: Upstreams
  clientSockets: ClientSockets
  client: Client
  scale: Scale
  profiles: Profiles
  /** Where native threads were in calls that block, neither for a lock nor for work, in ms. */
  offCpu: CallTree
  threadTime: ThreadGroup[]
}

export type SignalName = keyof Signals
/** Signals by name; null = not measured. */
export type MeasuredSignals = { [S in SignalName]: Signals[S] | null }

/** A time series for a chart: `[t, value]`. */
export interface Timeline {
  id: string
  title: string
  unit: string
  points: [Milliseconds, number][]
}

/** All that is derived from one recording. */
export interface Analysis {
  window: [Milliseconds, Milliseconds]
  /** Why the window begins and ends there, for the reader. */
  windowReason: string
  signals: MeasuredSignals
  timelines: Timeline[]
  steps: TimeSteps
  /** Thread time by step, worked out when it is asked for: a live view never does. Null without threads. */
  threadTimeSteps: () => ThreadTimeSteps | null
  /** When each lock was waited for: the same. */
  lockStepShares: () => LockStepShares
}
