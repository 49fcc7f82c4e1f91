/** What `holdup scale` measured, and what its load driver was short of. */
import type { Milliseconds, PerSecond, Ratio } from '../units.ts'
import type { Http, Quantiles } from './signals.ts'
import type { Lock } from './lock-signals.ts'
import type { UslFit } from './scale/usl.ts'
import type { ScaleLimit } from './scale/limit.ts'

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
  /** Share of a core that Node's main thread is on CPU, and that the busiest thread of all wants: on CPU or waiting for a core. */
  mainThread: Ratio | null
  busiestThread: Ratio | null
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

/** The load of a recording beside what one connection alone was answered right after it. */
export interface Alone {
  load: ScalePoint
  requests: number
  perSecond: PerSecond
  latencyMs: Http['latencyMs']
}
