import { HoldupError } from '../errors.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import { AppendFile } from './append-file.ts'
import { copyRange, thinFile } from './thinning/thin-file.ts'
import { STEPS } from './thinning/thinner.ts'
import type { Step } from './thinning/thinner.ts'

/** Thinning begins at this share of the cap: records that come meanwhile have room. */
const BEGIN = 0.9
/** And goes on until this share is reached, */
const ENOUGH = 0.8
/** at most so often with everything it may leave out. */
const LAST_STEP_PASSES = 6

interface Surroundings {
  now: () => Milliseconds
  internedBytes: () => Bytes
  /** Runs a task while nothing else touches the file; an error ends the recording. */
  inTurn: (task: () => Promise<void>) => Promise<void>
}

/** Keeps a recording under its size: thins it in the background, in a copy that then takes its place. */
export class SizeCap {
  file: AppendFile
  readonly #maxBytes: Bytes
  readonly #around: Surroundings
  /** What was needed the last time is where the next begins. */
  #step = 0
  #running: { done: Promise<void>; stop: AbortController } | null = null

  constructor(file: AppendFile, maxBytes: Bytes, around: Surroundings) {
    this.file = file
    this.#maxBytes = maxBytes
    this.#around = around
  }

  get room(): Bytes {
    return this.#maxBytes - this.file.size
  }

  fits(bytes: Bytes): boolean {
    return bytes <= this.room
  }

  /** Begins to thin when the file, with `waiting` more bytes, comes near the cap. */
  keep(waiting: Bytes): void {
    if (this.#running || this.file.size + waiting <= this.#maxBytes * BEGIN) return
    const stop = new AbortController()
    const done = this.#thin(stop.signal)
      .catch((error: unknown) => this.#fail(error, stop.signal))
      .finally(() => {
        this.#running = null
      })
    this.#running = { done, stop }
  }

  /** When no thinning is under way. Never rejects. */
  async settled(): Promise<void> {
    await this.#running?.done
  }

  abort(): void {
    this.#running?.stop.abort()
  }

  async #fail(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await this.#around.inTurn(async () => {
      throw error
    })
  }

  async #thin(signal: AbortSignal): Promise<void> {
    for (let passes = 0; passes < LAST_STEP_PASSES; passes++) {
      await this.#pass(STEPS[this.#step] ?? 'halve', signal)
      if (this.file.size <= this.#maxBytes * ENOUGH) return
      if (this.#step < STEPS.length - 1) {
        this.#step++
        passes = -1
      }
    }
    if (this.file.size <= this.#maxBytes * BEGIN) return
    throw new HoldupError('recording-full', { path: this.file.path, maxBytes: this.#maxBytes, thinned: this.file.size })
  }

  async #pass(step: Step, signal: AbortSignal): Promise<void> {
    const { now, internedBytes, inTurn } = this.#around
    const thinned = await AppendFile.create(`${this.file.path}.thin`)
    try {
      const bytes = this.file.size
      await thinFile(this.file, thinned, { step, bytes, internedBytes: internedBytes(), now, signal })
      let done = false
      await inTurn(async () => {
        await copyRange(this.file, thinned, { from: bytes, to: this.file.size })
        if (thinned.size < this.file.size) this.file = await thinned.replace(this.file)
        else await thinned.remove()
        done = true
      })
      if (!done) throw new Error('the thinned copy could not take the place of the recording')
    } catch (error) {
      await thinned.remove()
      throw error
    }
  }
}
