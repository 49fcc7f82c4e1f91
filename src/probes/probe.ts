/** The contract of a probe: one source of measurement, from outside or through an agent inside the target. */
import type { AnyRecord, Fidelity } from '../recording/schema.ts'
import type { Milliseconds, Seconds } from '../units.ts'

/** A process of the target. */
export interface TargetProcess {
  pid: number
  ppid: number
  /** Redacted, shortened command line. */
  command: string
}

/** Where records go: the recorder. Adding never blocks and never throws. */
export interface Sink {
  /** Interns text, shortened to the format's limit. */
  string(text: string): number
  /** Interns a stack, leaf first. */
  stack(frames: readonly string[]): number
  add(record: AnyRecord): void
}

export interface ProbeContext {
  sink: Sink
  /** Monotonic milliseconds since the recording began. */
  now(): Milliseconds
  /** The target's processes as last listed (about four times a second). */
  processes(): readonly TargetProcess[]
}

export interface Probe {
  id: string
  fidelity: Fidelity
  signals: readonly string[]
  /** What a reader should know, such as a better probe that was not permitted. */
  note?: string
  start(context: ProbeContext): Promise<void> | void
  /** Ends measuring; all that is to be recorded has been added when it resolves. */
  stop(): Promise<void> | void
  /** CPU it cost outside the target so far, and events it had to leave out. */
  cost(): { cpuSeconds: Seconds; dropped: number }
}
