import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import type { JvmWait } from './events.ts'
import { sliceOf, slicesOf, spanOf } from './slices.ts'

/** Digits of a wait that a histogram keeps. */
const DIGITS = 2

interface Row {
  slice: number
  wait: JvmWait
  lock: string
  n: number
  ms: Milliseconds
  max: Milliseconds
  waits: Map<number, number>
  threads: Map<number, Milliseconds>
}

/** Waits of a process by slice, lock and stack. */
export class WaitTally {
  readonly #rows = new Map<string, Row>()

  /** `wait` in the recording's time. */
  add(wait: JvmWait, lock: string): void {
    for (const [slice, ms] of slicesOf([wait.from, wait.to])) {
      const row = this.#row(slice, wait, lock)
      row.ms += ms
      row.threads.set(wait.tid, (row.threads.get(wait.tid) ?? 0) + ms)
    }
    if (wait.to <= 0) return
    const row = this.#row(sliceOf(wait.to), wait, lock)
    const ms = Number((wait.to - wait.from).toPrecision(DIGITS))
    row.n++
    row.max = Math.max(row.max, wait.to - wait.from)
    row.waits.set(ms, (row.waits.get(ms) ?? 0) + 1)
  }

  /** Records of all that was added; none reaches past `until`. */
  write(sink: Sink, pid: number, until: Milliseconds): void {
    for (const { slice, wait, lock, n, ms, max, waits, threads } of this.#rows.values()) {
      const stack = wait.stack.length > 0 ? { stack: sink.stack(wait.stack) } : {}
      sink.add({
        k: 'runtime-wait',
        ...spanOf(slice, until),
        pid,
        kind: wait.kind,
        lock,
        of: sink.string(wait.of),
        ...stack,
        n,
        ms,
        max,
        waits: [...waits],
        threads: [...threads],
      })
    }
    this.#rows.clear()
  }

  #row(slice: number, wait: JvmWait, lock: string): Row {
    const key = [slice, wait.kind, lock, ...wait.stack].join('\n')
    let row = this.#rows.get(key)
    if (!row)
      this.#rows.set(key, (row = { slice, wait, lock, n: 0, ms: 0, max: 0, waits: new Map(), threads: new Map() }))
    return row
  }
}
