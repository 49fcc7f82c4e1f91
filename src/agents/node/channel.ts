import { closeSync, constants, openSync, writeSync } from './builtins.ts'
import { frameBytes, HEADER_BYTES, MAGIC } from './wire.ts'
import type { WireMessage, WireRecord } from './wire.ts'

/** Frames waiting for room in the pipe; beyond it new messages are dropped and counted. */
const QUEUE_BYTES = 1 << 20

/**
 * This thread's end of the FIFO. Every write is non-blocking; what doesn't fit waits in a bounded queue for the next beat.
 * A reader that is gone shows as EPIPE: `closed` turns true and the agent uninstalls itself.
 */
export class Channel {
  closed = false
  /** Records given up since last asked. */
  dropped = 0
  readonly #fd: number
  readonly #pid: number
  readonly #tid: number
  readonly #mayWrite: () => boolean
  readonly #payloadBytes = frameBytes(process.platform) - HEADER_BYTES
  #queue: Buffer[] = []
  #queued = 0
  #sequence = 0

  /** Throws when nobody reads the FIFO (ENXIO) or it is gone. `askBefore`: each write, for EPIPE would harm the target. */
  constructor(path: string, { pid, tid, askBefore }: { pid: number; tid: number; askBefore: boolean }) {
    this.#mayWrite = askBefore ? () => isRead(path) : () => true
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    this.#pid = pid
    this.#tid = tid
  }

  /** Sends the records; an empty list is a heartbeat. */
  send(records: WireRecord[]): void {
    if (this.closed) return
    const message: WireMessage = { pid: this.#pid, tid: this.#tid, records }
    const bytes = Buffer.from(JSON.stringify(message))
    if (this.#queued + bytes.length > QUEUE_BYTES) {
      this.dropped += records.length
      this.#drain()
      return
    }
    for (let start = 0; start < bytes.length; start += this.#payloadBytes) {
      const payload = bytes.subarray(start, start + this.#payloadBytes)
      const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
      frame.writeUInt16LE(payload.length, 0)
      frame.writeUInt8(start + this.#payloadBytes >= bytes.length ? 1 : 0, 2)
      frame.writeUInt8(MAGIC, 3)
      frame.writeUInt32LE(this.#pid, 4)
      frame.writeUInt32LE(this.#tid, 8)
      frame.writeUInt32LE(this.#sequence++ >>> 0, 12)
      payload.copy(frame, HEADER_BYTES)
      this.#queue.push(frame)
      this.#queued += frame.length
    }
    this.#drain()
  }

  /** True when nothing waits for room. */
  get empty(): boolean {
    return this.#queue.length === 0
  }

  /** Writes what the pipe takes now. */
  #drain(): void {
    if (!this.#mayWrite()) return this.close()
    let written = 0
    try {
      for (const frame of this.#queue) {
        writeSync(this.#fd, frame)
        written++
        this.#queued -= frame.length
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.close()
    }
    this.#queue = written === this.#queue.length ? [] : this.#queue.slice(written)
  }

  /**
   * The thread ends: gives the reader up to `ms` to make room, for the tail of a CPU profile is larger than a pipe.
   * The one place where a target waits for holdup, and only while it exits.
   */
  finish(ms: number): void {
    const sleeper = new Int32Array(new SharedArrayBuffer(4))
    for (let waited = 0; waited < ms && !this.closed && !this.empty; waited++) {
      pause(sleeper, 0, 0, 1)
      this.#drain()
    }
    this.close()
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.#queue = []
    try {
      closeSync(this.#fd)
    } catch {
      // Closed by the target (some programs close every descriptor): there is nothing left to give back.
    }
  }
}

/** Whether a holdup reads it: one that was killed leaves its agent in for a moment. */
export function isRead(fifo: string): boolean {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch (error) {
    return !['ENXIO', 'ENOENT'].includes(String((error as NodeJS.ErrnoException).code))
  }
}

/** The original, before the agent wraps it. */
const pause = Atomics.wait
