import { readFileSync } from 'node:fs'
import type { Bytes, Milliseconds } from '../../units.ts'

const READ_EVERY_MS = 1000
/** The kernel walks the page tables under the lock that the target's own mmap needs: it must not wait for us. */
const CHEAP_MS = 5
/** One slow read may only mean that holdup was off the core. */
const SLOW_READS = 3

/** Proportional memory of a process, about once a second and only while that is cheap to find out. */
export class PssReader {
  readonly #path: string
  #readAt = -Infinity
  #slow = 0
  #permitted = true

  constructor(pid: number) {
    this.#path = `/proc/${pid}/smaps_rollup`
  }

  /** Bytes, null when it is not due, too dear or not permitted. */
  read(now: Milliseconds): Bytes | null {
    if (!this.#permitted || this.#slow >= SLOW_READS || now - this.#readAt < READ_EVERY_MS) return null
    this.#readAt = now
    const begun = performance.now()
    try {
      const kilobytes = /^Pss:\s*(\d+)/m.exec(readFileSync(this.#path, 'latin1'))?.[1]
      this.#slow = performance.now() - begun > CHEAP_MS ? this.#slow + 1 : 0
      return kilobytes === undefined ? null : Number(kilobytes) * 1024
    } catch {
      this.#permitted = false
      return null
    }
  }
}
