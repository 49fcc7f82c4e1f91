/** The contract of a probe: one source of measurement, from outside or through an agent inside the target. */
import type { Fidelity } from '../recording/schema.ts'
import type { Sink } from '../recording/sink.ts'
import type { Milliseconds, Seconds } from '../units.ts'

export type { Sink }

/** A process of the target. */
export interface TargetProcess {
  pid: number
  ppid: number
  /** Redacted, shortened command line. */
  command: string
}

export interface ProbeContext {
  sink: Sink
  /** Monotonic milliseconds since the recording began. */
  now: () => Milliseconds
  /** The target's processes as last listed (about four times a second): one and the same array until they are listed anew. */
  processes: () => readonly TargetProcess[]
}

export interface Probe {
  id: string
  fidelity: Fidelity
  signals: readonly string[]
  /** What a reader should know, such as a better probe that was not permitted. */
  note?: string | undefined
  start(context: ProbeContext): Promise<void> | void
  /** Ends measuring; all that is to be recorded has been added when it resolves. */
  stop(): Promise<void> | void
  /** CPU it cost outside the target so far, events it had to leave out, and those it had where they are no records. */
  cost(): { cpuSeconds: Seconds; dropped: number; kept?: number }
}
