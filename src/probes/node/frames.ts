import { HEADER_BYTES, MAGIC } from '../../agents/node/wire.ts'
import { setNewest } from './newest.ts'

/** A message longer than this is no agent's. */
const MESSAGE_BYTES = 8 << 20
/** Threads in the middle of one; of those that died in it nothing more comes. */
const OPEN = 10_000

/** Puts messages back together out of the frames of many threads, as they come off the FIFO in pieces of any size. */
export class FrameDecoder {
  /** Messages lost to a gap or to bytes that are no frame. */
  lost = 0
  readonly #deliver: (message: string) => void
  readonly #open = new Map<string, { parts: Buffer[]; bytes: number; next: number }>()
  #rest: Buffer = Buffer.alloc(0)

  constructor(deliver: (message: string) => void) {
    this.#deliver = deliver
  }

  push(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    while (bytes.length >= HEADER_BYTES) {
      if (bytes.readUInt8(3) !== MAGIC) {
        // Nothing after this can be trusted to be a boundary: look for the next one.
        this.lost++
        const next = bytes.indexOf(MAGIC, 4)
        if (next < 0) {
          bytes = Buffer.alloc(0)
          break
        }
        bytes = bytes.subarray(next - 3)
        continue
      }
      const end = HEADER_BYTES + bytes.readUInt16LE(0)
      if (bytes.length < end) break
      this.#frame(bytes, end)
      bytes = bytes.subarray(end)
    }
    this.#rest = bytes
  }

  #frame(bytes: Buffer, end: number): void {
    const owner = `${bytes.readUInt32LE(4)}/${bytes.readUInt32LE(8)}`
    const sequence = bytes.readUInt32LE(12)
    let message = this.#open.get(owner)
    if (!message || message.next !== sequence || message.bytes > MESSAGE_BYTES) {
      if (message) this.lost++
      message = { parts: [], bytes: 0, next: sequence }
      setNewest(this.#open, owner, message, OPEN)
    }
    message.parts.push(bytes.subarray(HEADER_BYTES, end))
    message.bytes += end - HEADER_BYTES
    message.next = (sequence + 1) >>> 0
    if (bytes.readUInt8(2) !== 1) return
    this.#open.delete(owner)
    this.#deliver(Buffer.concat(message.parts).toString())
  }
}
