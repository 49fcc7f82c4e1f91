import type { Bytes } from '../units.ts'
import { encodeLine } from './encode.ts'
import { LIMITS } from './schema.ts'
import { shortenMiddle } from './shorten.ts'

const FULL = '(text left out: the recording holds too many)'

/** Gives texts and stacks their ids, each written once. Past `budget` bytes of them new ones share one id. */
export class Interner {
  /** Of the lines written. */
  bytes: Bytes = 0
  readonly #write: (line: string) => void
  readonly #budget: Bytes
  readonly #strings = new Map<string, number>()
  readonly #stacks = new Map<string, number>()

  constructor(write: (line: string) => void, budget: Bytes) {
    this.#write = write
    this.#budget = budget
  }

  string(text: string): number {
    const key = shortenMiddle(text, LIMITS.text)
    const known = this.#strings.get(key)
    if (known !== undefined) return known
    if (this.#full && key !== FULL) return this.string(FULL)
    const id = this.#strings.size
    this.#strings.set(key, id)
    this.#emit({ k: 'string', id, s: key })
    return id
  }

  stack(frames: readonly string[]): number {
    const ids = withinLimit(frames).map((frame) => this.string(frame))
    const key = ids.join()
    const known = this.#stacks.get(key)
    if (known !== undefined) return known
    if (this.#full && key !== String(this.#strings.get(FULL))) return this.stack([FULL])
    const id = this.#stacks.size
    this.#stacks.set(key, id)
    this.#emit({ k: 'stack', id, frames: ids })
    return id
  }

  get #full(): boolean {
    return this.bytes >= this.#budget
  }

  #emit(record: object): void {
    const line = encodeLine(record) ?? ''
    this.bytes += line.length
    this.#write(line)
  }
}

/** A deeper stack keeps its leaves and its roots: what runs, and whose work it is. */
function withinLimit(frames: readonly string[]): readonly string[] {
  if (frames.length <= LIMITS.frames) return frames
  const half = (LIMITS.frames - 2) / 2
  return [...frames.slice(0, half), `(${frames.length - 2 * half} frames left out)`, ...frames.slice(-half)]
}
