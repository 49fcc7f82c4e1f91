import { readSync } from 'node:fs'
import type { Nanoseconds } from '../../units.ts'

/** Of a page: its time stamp and how much of it is used (events/header_page). */
const HEADER_WORDS = 4
const USED = 0x0fffffff
/** Events were overwritten before this page (RB_MISSED_EVENTS). */
const MISSED = 0x80000000
/** `type_len` of an entry (events/header_event). */
const PADDING = 29
const TIME_EXTEND = 30
const TIME_STAMP = 31

/** What one CPU recorded, event after event, from its `trace_pipe_raw`: the pages as they lie in the kernel's ring buffer. */
export class CpuBuffer {
  /** When the event under the cursor happened, CLOCK_MONOTONIC; Infinity where there is none yet. */
  time: Nanoseconds = Infinity
  /** That event, as 32-bit words: its first one is `words[at]`. */
  words: Uint32Array = new Uint32Array(0)
  at = 0
  readonly #fd: number
  readonly #pageBytes: number
  #pages: Uint32Array[] = []
  #next = 0
  #end = 0
  #clock: Nanoseconds = 0

  constructor(fd: number, pageBytes: number) {
    this.#fd = fd
    this.#pageBytes = pageBytes
  }

  /** Reads what there is. True when events were lost before it. */
  fill(): boolean {
    let missed = false
    for (;;) {
      const page = Buffer.from(new ArrayBuffer(this.#pageBytes))
      if (!this.#read(page)) break
      const words = new Uint32Array(page.buffer)
      if (((words[2] ?? 0) & MISSED) !== 0) missed = true
      this.#pages.push(words)
    }
    if (this.time === Infinity) this.advance()
    return missed
  }

  /** To the next event. */
  advance(): void {
    for (;;) {
      while (this.#next < this.#end) if (this.#step()) return
      const page = this.#pages.shift()
      if (!page) {
        this.time = Infinity
        return
      }
      this.words = page
      this.#clock = (page[0] ?? 0) + (page[1] ?? 0) * 2 ** 32
      this.#next = HEADER_WORDS
      this.#end = HEADER_WORDS + (((page[2] ?? 0) & USED) >> 2)
    }
  }

  /** Past one entry. Whether it is an event. */
  #step(): boolean {
    const { words } = this
    const at = this.#next
    const head = words[at] ?? 0
    const type = head & 31
    const delta = head >>> 5
    if (type < PADDING) {
      // Of a long event the length is a word of its own, which counts itself.
      const length = type > 0 ? type : (words[at + 1] ?? 4) >> 2
      this.#next = at + 1 + length
      this.#clock += delta
      this.time = this.#clock
      this.at = type > 0 ? at + 1 : at + 2
      return true
    }
    this.#next = at + 2
    if (type === TIME_EXTEND) this.#clock += delta + (words[at + 1] ?? 0) * 2 ** 27
    else if (type === TIME_STAMP) this.#clock = delta + (words[at + 1] ?? 0) * 2 ** 27
    else {
      // An event that was taken back, or the unused rest of the page.
      this.#clock += delta
      this.#next = delta === 0 ? this.#end : at + 1 + ((words[at + 1] ?? 4) >> 2)
    }
    return false
  }

  #read(page: Buffer): boolean {
    try {
      return readSync(this.#fd, page, 0, page.length, null) > 0
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
      throw error
    }
  }
}

/** Calls `handle` for each event up to `until`, of all CPUs in the order of time; later ones stay for the next call. */
export function inOrder(buffers: readonly CpuBuffer[], until: Nanoseconds, handle: (buffer: CpuBuffer) => void): void {
  for (;;) {
    let first: CpuBuffer | undefined
    let second = until
    for (const buffer of buffers) {
      if (first === undefined || buffer.time < first.time) {
        if (first && first.time < second) second = first.time
        first = buffer
      } else if (buffer.time < second) second = buffer.time
    }
    if (!first || first.time > until) return
    do {
      handle(first)
      first.advance()
    } while (first.time <= second)
  }
}
