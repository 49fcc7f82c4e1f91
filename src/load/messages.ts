import type { Milliseconds } from '../units.ts'
import type { LoadOptions } from './closed-loop.ts'
import type { LoadCounts } from './tally.ts'

/** What the load process is told. */
export type ToLoadProcess =
  | { do: 'start'; options: LoadOptions; durationMs: Milliseconds | undefined }
  /** So many connections from now on. */
  | { do: 'resize'; connections: number }
  /** No further requests; those in flight may be answered for `drainMs`. */
  | { do: 'stop'; drainMs: Milliseconds }

/** What it tells: the counts since its message before; the `last` one before it ends. */
export interface FromLoadProcess {
  counts: LoadCounts
  inFlight: number
  /** How long the counts took to come together. */
  ms: Milliseconds
  /** When they ended, on the machine's monotonic clock. */
  at: Milliseconds
  last: boolean
}

/** The monotonic clock that all processes of a machine share. */
export function monotonicMs(): Milliseconds {
  return Number(process.hrtime.bigint()) / 1e6
}
