/** Signals of who runs on the cores, and of who would. */
import type { Fidelity } from '../recording/schema.ts'
import type { PerSecond, Ratio, Seconds } from '../units.ts'

export interface Cpu {
  /** Cores the target used, of `available` (the machine's, or what its control group allows if that is less). */
  cores: number
  available: number
  /** CPU of threads that holdup itself put into the target (V8's profiler threads), not part of `cores`. */
  probeCores: number
  /** The thread that used most, and what it would have used had it never waited for a core; null where threads were not seen. */
  busiestThread: { group: string; cores: number; wanted: number } | null
  fidelity: Fidelity
}

/** CPU quotas of the control groups that the target runs in. */
export interface Cgroup {
  /** Cores that the narrowest allows; null: no group has a quota. */
  cores: number | null
  /** Folder of the group that stopped the target most often, empty where none has a quota. */
  name: string
  /** Its periods in which there was something to run, those of them in which the quota was used up, and their share. */
  periods: number
  throttled: number
  share: Ratio
  /** Of the time: a run queue (one a core) that was in use stood still for it. */
  stopped: Ratio
  /** holdup and its load run in that group too: what they use counts. */
  shared: boolean
  fidelity: Fidelity
}

/** Who else uses the cores that the target may run on. */
export interface Neighbours {
  cores: number
  /** The window, second by second; of a long one in up to 300 parts. Figures are means. */
  spans: {
    seconds: Seconds
    /** Cores that holdup uses with its load, that processes use which are neither the target's nor holdup's, what a hypervisor gave to others, and those without work. */
    own: number
    others: number
    stolen: number
    idle: number
    /** The target's threads that waited for a core, and those together with the ones that ran. */
    queued: number
    wanted: number
  }[]
  /** Programs among the others, most first, as far as they were named: cores over the whole window. */
  programs: { name: string; cores: number }[]
  fidelity: Fidelity
}

export interface Switches {
  voluntaryPerSecond: PerSecond
  involuntaryPerSecond: PerSecond
  fidelity: Fidelity
}

export interface RunQueue {
  /** Threads that stood runnable without a core, on average. */
  threadSecondsPerSecond: number
  /** Mean number of threads on CPU or waiting for one. */
  runnableThreads: number
  fidelity: Fidelity
}
