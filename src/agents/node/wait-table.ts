import { round, Sketch } from './sketch.ts'
import type { WireRecord } from './wire.ts'

interface Waits {
  slot: string
  async: boolean
  stack: number | undefined
  from: number
  timedOut: number
  taken: number
  sketch: Sketch
}

interface Notifies {
  slot: string
  stack: number | undefined
  n: number
  woken: number
  holds: number
  holdMs: number
}

/** Distinct (slot, stack) pairs kept between two flushes. */
const ROWS = 500

/** Waits and notifies of one thread since the last flush, by slot and stack. */
export class WaitTable {
  #waits = new Map<string, Waits>()
  #notifies = new Map<string, Notifies>()
  /** Calls that found the table full. */
  dropped = 0

  /** Returns the row, so that a later read-modify-write can be counted as `taken`. */
  wait(
    slot: string,
    stack: number | undefined,
    async: boolean,
    from: number,
    ms: number,
    timedOut: boolean,
  ): Waits | undefined {
    const row = this.#row(this.#waits, `${slot}/${stack ?? ''}/${async}`, () => {
      return { slot, async, stack, from, timedOut: 0, taken: 0, sketch: new Sketch() }
    })
    if (!row) return undefined
    row.sketch.add(ms)
    if (timedOut) row.timedOut++
    return row
  }

  notify(slot: string, stack: number | undefined, woken: number, holdMs: number | undefined): void {
    const row = this.#row(this.#notifies, `${slot}/${stack ?? ''}`, () => {
      return { slot, stack, n: 0, woken: 0, holds: 0, holdMs: 0 }
    })
    if (!row) return
    row.n++
    row.woken += woken
    if (holdMs === undefined) return
    row.holds++
    row.holdMs += holdMs
  }

  get empty(): boolean {
    return this.#waits.size === 0 && this.#notifies.size === 0
  }

  /** Moves what was counted into `out`. */
  flush(t: number, out: WireRecord[]): void {
    for (const { slot, async, stack, from, timedOut, taken, sketch } of this.#waits.values()) {
      const { n, sum, max } = sketch
      const of = stack === undefined ? {} : { stack }
      const waits = sketch.pairs()
      out.push({ k: 'wait', t, slot, async, ...of, from, n, ms: round(sum), max: round(max), timedOut, taken, waits })
    }
    for (const { stack, holdMs, ...row } of this.#notifies.values()) {
      const of = stack === undefined ? {} : { stack }
      out.push({ k: 'notify', t, ...row, ...of, holdMs: round(holdMs) })
    }
    if (this.#waits.size > 0) this.#waits = new Map()
    if (this.#notifies.size > 0) this.#notifies = new Map()
  }

  #row<R>(rows: Map<string, R>, key: string, create: () => R): R | undefined {
    let row = rows.get(key)
    if (row) return row
    if (rows.size >= ROWS) {
      this.dropped++
      return undefined
    }
    row = create()
    rows.set(key, row)
    return row
  }
}
