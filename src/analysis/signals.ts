/**
 * Every signal that a detector or a report can read, over the analysed window. A signal that was not measured is null,
 * never zero. Seconds are thread-seconds over the window; per-second figures are averages over it.
 */
import type {
  AsyncRuntime,
  LibuvPool,
  Processes,
  Spin,
  ThreadGroup,
  ThreadTimeSteps,
  Threads,
  Workers,
} from './thread-signals.ts'
import type { EventLoop, Gc, Loops, SyncCall } from './loop-signals.ts'
import type { Alone, Client, Scale } from './scale-signals.ts'
import type { Bytes, Milliseconds, PerSecond, Ratio, Seconds } from '../units.ts'
import type { CallTree } from '../stacks/call-tree.ts'
import type { Fidelity } from '../recording/schema.ts'
import type { Cgroup, Cpu, Neighbours, RunQueue, Switches } from './cpu-signals.ts'
import type { AcceptQueue, ClientSockets, Connections, Upstreams } from './connection-signals.ts'
import type { LockWait } from './lock-signals.ts'
import type { LockStepShares } from './lock-wait-steps.ts'
import type { TimeSteps } from './time-steps.ts'

export type { Cgroup, Cpu, Neighbours, RunQueue, Switches } from './cpu-signals.ts'
export type { AcceptQueue, ClientSockets, Connections, Upstreams } from './connection-signals.ts'
export type { HolderBlocked, Lock, LockWait, StuckLock } from './lock-signals.ts'
export type { Alone, Client, Scale, ScalePoint } from './scale-signals.ts'
export type { EventLoop, Gc, LoopGroup, Loops, Stall, SyncCall } from './loop-signals.ts'
export type {
  AsyncRuntime,
  LibuvPool,
  Processes,
  RuntimePool,
  Spin,
  ThreadGroup,
  ThreadState,
  ThreadTimeSteps,
  Threads,
  Workers,
} from './thread-signals.ts'

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

/** The CPU profile of the target, by thread. */
export interface Profiles {
  /** Of V8's samples; 0 where there are none, as of native programs alone. */
  sampleMs: Milliseconds
  threads: { pid: number; tid: number; group: string; main: boolean; tree: CallTree }[]
  /** Synchronous calls (fs, child_process, Atomics.wait …) on serving main threads. */
  syncCalls: SyncCall[]
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
  alone: Alone
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
