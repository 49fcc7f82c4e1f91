import { round, Sketch } from './sketch.ts'
import type { WireRecord } from './wire.ts'

/** Any integer array: only its place in its buffer matters here. */
export type Cells = Int32Array

/** The waits on a slot with one stack since the last flush. */
export interface Waits {
  async: boolean
  stack: number | undefined
  from: number
  timedOut: number
  taken: number
  ms: Sketch
}

interface Notifies {
  stack: number | undefined
  n: number
  woken: number
  holds: number
  holdMs: number
}

/** Distinct slots, and stacks of each, kept between two flushes. */
const SLOTS = 250
const STACKS = 50
/** `Slot.heldSince` of one that this thread does not hold. */
export const NOT_HELD = -1

/** One slot as this thread uses it. */
export class Slot {
  /** Identity that holds across threads, where the buffer object itself does not. */
  readonly key: string
  /** Since when this thread holds it, having taken it after a wake. */
  heldSince = NOT_HELD
  waits: Waits[] = []
  notifies: Notifies[] = []

  constructor(key: string) {
    this.key = key
  }

  get idle(): boolean {
    return this.heldSince === NOT_HELD && this.waits.length === 0 && this.notifies.length === 0
  }
}

/** Waits and notifies of one thread since the last flush, by slot and stack. */
export class WaitTable {
  /** Calls that found the table full. */
  dropped = 0
  readonly #slots = new Map<string, Slot>()
  /** The last one asked for: most threads use one slot over and over. */
  #lastCells: Cells | null = null
  #lastIndex = 0
  #last: Slot | undefined

  /** Undefined when the table is full. */
  slot(cells: Cells, index: number): Slot | undefined {
    if (cells === this.#lastCells && index === this.#lastIndex) return this.#last
    const key = `${cells.buffer.byteLength}:${cells.byteOffset + index * cells.BYTES_PER_ELEMENT}`
    let slot = this.#slots.get(key)
    if (!slot) {
      if (this.#slots.size >= SLOTS) {
        this.dropped++
        return undefined
      }
      slot = new Slot(key)
      this.#slots.set(key, slot)
    }
    this.#lastCells = cells
    this.#lastIndex = index
    this.#last = slot
    return slot
  }

  /** The row that a wait counts in; undefined when the table is full. `from`: when the wait began. */
  waits(slot: Slot, stack: number | undefined, async: boolean, from: number): Waits | undefined {
    const first = slot.waits[0]
    // Most find theirs first.
    if (first?.stack === stack && first?.async === async) return first
    let row = slot.waits.find((other) => other.stack === stack && other.async === async)
    if (row) return row
    if (slot.waits.length >= STACKS) {
      this.dropped++
      return undefined
    }
    row = { async, stack, from, timedOut: 0, taken: 0, ms: new Sketch() }
    slot.waits.push(row)
    return row
  }

  /** `holdMs`: how long this thread had held the slot, where it did. */
  notified(slot: Slot, stack: number | undefined, woken: number, holdMs: number | undefined): void {
    let row = slot.notifies[0]
    if (row?.stack !== stack) row = slot.notifies.find((other) => other.stack === stack)
    if (!row) {
      if (slot.notifies.length >= STACKS) {
        this.dropped++
        return
      }
      row = { stack, n: 0, woken: 0, holds: 0, holdMs: 0 }
      slot.notifies.push(row)
    }
    row.n++
    row.woken += woken
    if (holdMs === undefined) return
    row.holds++
    row.holdMs += holdMs
  }

  /** Moves what was counted into `out`. */
  flush(t: number, out: WireRecord[]): void {
    for (const [key, slot] of this.#slots) {
      if (slot.idle) this.#forget(key, slot)
      for (const { async, stack, from, timedOut, taken, ms } of slot.waits) {
        const { n, sum, max, pairs: waits } = ms.summary()
        const of = stack === undefined ? {} : { stack }
        out.push({
          k: 'wait',
          t,
          slot: key,
          async,
          ...of,
          from,
          n,
          ms: round(sum),
          max: round(max),
          timedOut,
          taken,
          waits,
        })
      }
      for (const { stack, holdMs, ...row } of slot.notifies) {
        const of = stack === undefined ? {} : { stack }
        out.push({ k: 'notify', t, slot: key, ...row, ...of, holdMs: round(holdMs) })
      }
      if (slot.waits.length > 0) slot.waits = []
      if (slot.notifies.length > 0) slot.notifies = []
    }
  }

  #forget(key: string, slot: Slot): void {
    this.#slots.delete(key)
    if (this.#last === slot) this.#lastCells = null
  }
}
