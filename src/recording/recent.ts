import type { Milliseconds } from '../units.ts'
import type { AnyRecord } from './schema.ts'
import type { Sink } from './sink.ts'

/** What is true until something ends it, however long ago it was said. */
const LASTING: ReadonlySet<string> = new Set(['process', 'thread', 'node', 'native'])
/** Of holdup's own sweeps: a target's clock may be wrong. */
const CLOCK: ReadonlySet<string> = new Set(['proc', 'usage'])

/** The latest of what goes to a sink, in memory, for a view of a recording while it is made. */
export class RecentRecords implements Sink {
  readonly strings: string[] = []
  readonly stacks: (readonly number[])[] = []
  readonly #sink: Sink
  readonly #spanMs: Milliseconds
  #records: AnyRecord[] = []
  #prunedAt: Milliseconds = 0
  /** The wait that each thread was last seen in. */
  readonly #waiting = new Map<string, AnyRecord>()

  constructor(sink: Sink, spanMs: Milliseconds) {
    this.#sink = sink
    this.#spanMs = spanMs
  }

  /** Records that it holds. */
  get size(): number {
    return this.#records.length + this.#waiting.size
  }

  string(text: string): number {
    const id = this.#sink.string(text)
    this.strings[id] = text
    return id
  }

  stack(frames: readonly string[]): number {
    const id = this.#sink.stack(frames)
    this.stacks[id] ??= frames.map((frame) => this.string(frame))
    return id
  }

  add(record: AnyRecord): void {
    this.#sink.add(record)
    if (record.k === 'waiting') this.#waiting.set(`${record.pid}/${record.tid}`, record)
    else this.#records.push(record)
    // Where nobody looks, nobody else would.
    if (CLOCK.has(record.k) && 't' in record && record.t > this.#prunedAt + this.#spanMs) this.at(record.t)
  }

  /** Those of the last span, and what lasts of those before. */
  at(now: Milliseconds): AnyRecord[] {
    const from = now - this.#spanMs
    this.#prunedAt = now
    const gone = new Set<string>()
    for (const record of this.#records) {
      if (record.k === 'process-exit' && record.t < from) gone.add(`${record.pid}`)
      if (record.k === 'thread-exit' && record.t < from) gone.add(`${record.pid}/${record.tid}`)
    }
    this.#records = this.#records.filter((record) => {
      if (!('t' in record) || record.t >= from) return true
      if (!LASTING.has(record.k) || !('pid' in record)) return false
      return !gone.has(`${record.pid}`) && !('tid' in record && gone.has(`${record.pid}/${record.tid}`))
    })
    for (const key of gone) this.#waiting.delete(key)
    return [...this.#records, ...this.#waiting.values()]
  }
}
