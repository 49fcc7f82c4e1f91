import { LIMITS } from '../../recording/schema.ts'
import type { Sink } from '../probe.ts'
import type { Seen } from './sightings.ts'

/** Recorded stacks of what was seen. */
export class StackIds {
  readonly #sink: Sink
  readonly #keys = new Map<Seen['observation'], number>()
  readonly #ids = new Map<string, number | undefined>()
  readonly #asked = new Set<number>()

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** The same for the same observation. */
  keyOf(seen: Seen | null): number {
    if (!seen) return -1
    let key = this.#keys.get(seen.observation)
    if (key === undefined) this.#keys.set(seen.observation, (key = this.#keys.size))
    return key
  }

  /** Looks up the source lines of those that are new. Never rejects. */
  async prepare(seen: Iterable<Seen>): Promise<void> {
    for (const one of seen) {
      const key = this.keyOf(one)
      if (this.#asked.has(key)) continue
      this.#asked.add(key)
      await one.symbols.resolveLines(one.observation.stack)
    }
  }

  /** undefined where there is none. */
  of(seen: Seen | null): number | undefined {
    if (!seen || seen.observation.stack.length === 0) return undefined
    return this.ofFrames(`${this.keyOf(seen)}`, () =>
      seen.observation.stack.flatMap((address) => seen.symbols.frames(address)),
    )
  }

  /** Of frames that stand for a stack that was not seen. */
  ofFrames(key: string, frames: () => readonly string[]): number | undefined {
    if (!this.#ids.has(key)) this.#ids.set(key, this.#sink.stack(frames().slice(0, LIMITS.frames)))
    return this.#ids.get(key)
  }
}
