/** Signals of connections: those that clients make to the target, and those that it makes itself. */
import type { Fidelity } from '../recording/schema.ts'
import type { PerSecond, Ratio, Seconds } from '../units.ts'

/** Connections that the target's servers accepted, of the kind of process that accepted most. */
export interface Connections {
  opened: number
  perSecond: PerSecond
  /** That came to these servers, and connections for each; null where none was counted. */
  requests: number
  perRequest: Ratio | null
  fidelity: Fidelity
}

/** Connections that are made, and wait until the target accepts them: of the port at which most do. */
export interface AcceptQueue {
  port: number
  /** On average, and at most. */
  waiting: number
  peak: number
  /** Time in which some waited. */
  seconds: Seconds
  /** Of the processes that listen there: other sockets that they have open, on average (null where they could not be seen), the threads that do their work, and their CPU. */
  opened: number | null
  threads: number
  cores: number
  fidelity: Fidelity
}

/** What the target has TCP connections to as a client. */
export interface Upstreams {
  /** Open at a time, at most. */
  connections: number
  /** Of them by address and port, most first; up to 20. */
  peers: { to: string; connections: number }[]
  fidelity: Fidelity
}

/** Connections that clients made to the target, on average. */
export interface ClientSockets {
  open: number
  /** With data that was sent and that the client had not acknowledged. */
  unacked: number
  fidelity: Fidelity
}
