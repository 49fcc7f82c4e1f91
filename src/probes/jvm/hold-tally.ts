import type { Milliseconds, Ratio } from '../../units.ts'
import type { Sink } from '../probe.ts'
import { Covered } from './covered.ts'
import type { JvmWait } from './events.ts'
import type { Look } from './holders.ts'
import { SAMPLE_EVERY_MS } from './settings.ts'
import { sliceOf, slicesOf, spanOf } from './slices.ts'

/** A wait of a chunk began at most so long before the chunk, or is not held against those before. */
const REMEMBERED_MS: Milliseconds = 60_000
/**
 * Of the time that a lock is held, so much must be seen in samples for these to say where. A JVM samples what runs in Java: of a holder that
 * sleeps or waits for I/O all that it does see is the moment between giving the lock back and the next one's having it.
 */
const SEEN_AT_LEAST: Ratio = 0.2

/** How long locks of a process were held while others waited for them, and where, by slice. */
export class HoldTally {
  readonly #covered = new Map<string, Covered>()
  readonly #ms = new Map<string, Map<number, Milliseconds>>()
  readonly #looks = new Map<string, { look: Look; n: number }>()
  /** Of each lock since the beginning. */
  readonly #held = new Map<string, { ms: Milliseconds; looks: number }>()

  /** Waits for one lock: it was held for as long as anybody waited. */
  addWaits(lock: string, waits: readonly JvmWait[]): void {
    const covered = this.#covered.get(lock) ?? new Covered()
    const slices = this.#ms.get(lock) ?? new Map<number, Milliseconds>()
    this.#covered.set(lock, covered)
    this.#ms.set(lock, slices)
    const held = this.#heldOf(lock)
    for (const { from, to } of waits)
      for (const span of covered.add([from, to])) {
        held.ms += span[1] - span[0]
        for (const [slice, ms] of slicesOf(span)) slices.set(slice, (slices.get(slice) ?? 0) + ms)
      }
    covered.forget((waits.at(-1)?.to ?? 0) - REMEMBERED_MS)
  }

  addLooks(looks: readonly Look[]): void {
    for (const look of looks) {
      this.#heldOf(look.lock).looks++
      const key = [sliceOf(look.t), look.lock, ...look.stack].join('\n')
      const known = this.#looks.get(key)
      if (known) known.n++
      else if (look.t > 0) this.#looks.set(key, { look, n: 1 })
    }
  }

  write(sink: Sink, pid: number, until: Milliseconds): void {
    for (const [lock, slices] of this.#ms)
      for (const [slice, ms] of slices) sink.add({ k: 'runtime-hold', ...spanOf(slice, until), pid, lock, n: 0, ms })
    for (const { look, n } of this.#looks.values()) {
      const held = this.#heldOf(look.lock)
      if (held.looks * SAMPLE_EVERY_MS < held.ms * SEEN_AT_LEAST) continue
      sink.add({
        k: 'runtime-hold',
        ...spanOf(sliceOf(look.t), until),
        pid,
        lock: look.lock,
        stack: sink.stack(look.stack),
        n,
        ms: 0,
      })
    }
    this.#ms.clear()
    this.#looks.clear()
  }

  #heldOf(lock: string): { ms: Milliseconds; looks: number } {
    const held = this.#held.get(lock) ?? { ms: 0, looks: 0 }
    this.#held.set(lock, held)
    return held
  }
}
