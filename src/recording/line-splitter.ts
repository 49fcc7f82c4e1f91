import type { Bytes } from '../units.ts'

const NEWLINE = 10

/** Puts lines together out of chunks of any size; a line longer than the limit is skipped without being held in memory. */
export class LineSplitter {
  /** Of the line that has not ended yet. */
  restBytes: Bytes = 0
  readonly #onLine: (line: string, bytes: Bytes) => void
  readonly #onTooLong: () => void
  readonly #limit: Bytes
  #rest: Buffer[] = []

  constructor(limit: Bytes, onLine: (line: string, bytes: Bytes) => void, onTooLong: () => void) {
    this.#limit = limit
    this.#onLine = onLine
    this.#onTooLong = onTooLong
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#end(chunk.subarray(start, end))
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return
    this.restBytes += part.length
    if (this.restBytes > this.#limit) this.#rest = []
    else this.#rest.push(part)
  }

  #end(last: Buffer): void {
    const bytes = this.restBytes + last.length
    const rest = this.#rest
    this.#rest = []
    this.restBytes = 0
    if (bytes > this.#limit) this.#onTooLong()
    else this.#onLine((rest.length > 0 ? Buffer.concat([...rest, last]) : last).toString(), bytes + 1)
  }
}
