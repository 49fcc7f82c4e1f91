import type { Bytes } from '../units.ts'

/** Lines on their way to the file, in a bounded part of memory. */
export class LineBuffer {
  bytes: Bytes = 0
  /** Lines there was no room for since `takeLost`. */
  #lost = 0
  #lines: { text: string; bytes: Bytes }[] = []
  readonly #limit: Bytes

  constructor(limit: Bytes) {
    this.#limit = limit
  }

  /** `needed`: the lines after it refer to it, so the limit does not hold for it. */
  push(text: string, needed = false): void {
    const bytes = Buffer.byteLength(text)
    if (!needed && this.bytes + bytes > this.#limit) return this.lose()
    this.#lines.push({ text, bytes })
    this.bytes += bytes
  }

  lose(): void {
    this.#lost++
  }

  takeLost(): number {
    const lost = this.#lost
    this.#lost = 0
    return lost
  }

  /** Whole lines of at most `limit` bytes together, oldest first. */
  take(limit: Bytes): Buffer {
    let count = 0
    let bytes = 0
    for (const line of this.#lines) {
      if (bytes + line.bytes > limit) break
      bytes += line.bytes
      count++
    }
    const taken = this.#lines.splice(0, count)
    this.bytes -= bytes
    return Buffer.from(taken.map((line) => line.text).join(''))
  }

  clear(): void {
    this.#lines = []
    this.bytes = 0
  }
}
