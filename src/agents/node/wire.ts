/**
 * What travels from an agent to holdup: frames on a FIFO, each written whole (at most PIPE_BUF bytes) or not at all,
 * so that every thread of every process can share it without a lock and without ever blocking.
 * A message is the JSON text of one or more frames of one thread. Times are CLOCK_MONOTONIC in milliseconds.
 */
import type { RecordKind, RecordOf } from '../../recording/schema.ts'

/** Name of the environment variable that carries AgentConfig as JSON. */
export const CONFIG_VARIABLE = 'HOLDUP_AGENT'

/** Given to the agent at launch. */
export interface AgentConfig {
  /** Path of the FIFO; `${fifo}.stop` appears when the recording ends. */
  fifo: string
  /** V8 CPU profile's sampling interval, null = no profile. */
  cpuProfileMs: number | null
  /** Evaluated in a running process, not loaded at its start. What follows is for such a one alone. */
  attached?: boolean
  /** The process as holdup sees it, where its pid namespace is another. */
  pid?: number
  /** Code of the target's own is under way in the thread: the agent came by an interrupt. */
  interrupts?: boolean
  /** It does not ignore SIGPIPE, as Node does unless told otherwise: a handler of its own would run, or it would die. */
  noticesSigpipe?: boolean
  /** Of a worker: what it is called. */
  workerName?: string
  /** The worker ran before holdup came. */
  settled?: boolean
}

/** Frame header: payload length (u16), last frame of its message (u8), magic (u8), pid (u32), thread id (u32), sequence (u32). */
export const HEADER_BYTES = 16
export const MAGIC = 0x48

/** Writes of this size are atomic on a FIFO: PIPE_BUF of Linux and macOS. */
export function frameBytes(platform: string): number {
  return platform === 'linux' ? 4096 : 512
}

type Own<K extends RecordKind> = Omit<RecordOf<K>, 'pid' | 'tid'>

/** V8's own profile, as the inspector gives it. */
export interface V8Profile {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number }
    children?: number[]
  }[]
  startTime: number
  endTime: number
  samples?: number[]
  timeDeltas?: number[]
}

/** A record on the wire: as in a recording, without its owner, and `stack` counts the sender's own `stack` definitions. */
export type WireRecord =
  | { k: 'define-stack'; id: number; frames: string }
  | { k: 'v8-profile'; everyMs: number; profile: V8Profile }
  | { k: 'bye' }
  | Own<'node'>
  | Own<'loop'>
  | Own<'stall'>
  | Own<'pool'>
  | Own<'gc'>
  | Own<'heap'>
  | Own<'wait'>
  | Own<'waiting'>
  | Own<'notify'>
  | Own<'promise-lock'>
  | Own<'worker-birth'>
  | Own<'worker-death'>
  | Own<'child'>
  | Own<'http'>
  | Own<'dropped'>

/** One message. */
export interface WireMessage {
  pid: number
  tid: number
  records: WireRecord[]
}
