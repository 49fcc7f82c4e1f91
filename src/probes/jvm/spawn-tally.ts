import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import type { JvmEvents } from './events.ts'
import { sliceOf, spanOf } from './slices.ts'

const DIGITS = 2
/** Threads whose birth is remembered until they end. */
const LIVE_AT_MOST = 100_000

interface Row {
  slice: number
  stack: string[]
  created: number
  exited: number
  lifetimeMs: Milliseconds
  lifetimes: Map<number, number>
}

/** Threads of a process that begin and end, by slice and by what began them. */
export class SpawnTally {
  readonly #rows = new Map<string, Row>()
  readonly #live = new Map<number, JvmEvents['births'][number]>()

  /** In the recording's time. */
  add({ births, deaths }: Pick<JvmEvents, 'births' | 'deaths'>): void {
    // The system gives a thread's id to another one only after its end.
    const events = [
      ...births.map((birth) => ({ birth, ...birth })),
      ...deaths.map((death) => ({ birth: null, ...death })),
    ]
    for (const { birth, t, tid } of events.toSorted((a, b) => a.t - b.t)) {
      if (birth) this.#born(birth)
      else this.#gone(t, tid)
    }
  }

  write(sink: Sink, pid: number, until: Milliseconds): void {
    for (const { slice, stack: frames, lifetimes, ...counts } of this.#rows.values()) {
      const stack = frames.length > 0 ? { stack: sink.stack(frames) } : {}
      sink.add({ k: 'runtime-spawn', ...spanOf(slice, until), pid, ...stack, ...counts, lifetimes: [...lifetimes] })
    }
    this.#rows.clear()
  }

  #born(birth: JvmEvents['births'][number]): void {
    if (this.#live.size < LIVE_AT_MOST) this.#live.set(birth.tid, birth)
    if (birth.t > 0) this.#row(sliceOf(birth.t), birth.stack).created++
  }

  #gone(t: Milliseconds, tid: number): void {
    const birth = this.#live.get(tid)
    this.#live.delete(tid)
    if (t <= 0) return
    const row = this.#row(sliceOf(t), birth?.stack ?? [])
    row.exited++
    if (!birth) return
    const ms = t - birth.t
    const rounded = Number(ms.toPrecision(DIGITS))
    row.lifetimeMs += ms
    row.lifetimes.set(rounded, (row.lifetimes.get(rounded) ?? 0) + 1)
  }

  #row(slice: number, stack: string[]): Row {
    const key = [slice, ...stack].join('\n')
    let row = this.#rows.get(key)
    if (!row) this.#rows.set(key, (row = { slice, stack, created: 0, exited: 0, lifetimeMs: 0, lifetimes: new Map() }))
    return row
  }
}
