import type { ProcessFacts } from '../../targets/process-facts.ts'
import { Fifo } from './fifo.ts'
import { type FifoPlace, OWN_PLACE, placeFor } from './fifo-place.ts'

/** The FIFOs of one recording: one for what it launches, or for each user and file system that the processes it attaches to have. */
export class Fifos {
  readonly #reader: () => (chunk: Buffer) => void
  readonly #fifos = new Map<string, Fifo>()

  /** `reader` makes what reads one of them. */
  constructor(reader: () => (chunk: Buffer) => void) {
    this.#reader = reader
  }

  /** Its path, as the process sees it; null: what is launched. Throws HoldupError `mkfifo-missing`. */
  pathFor(facts: ProcessFacts | null): string {
    if (facts === null) return this.#open('', OWN_PLACE)
    const { key, ...place } = placeFor(facts)
    return this.#open(key, place)
  }

  /** Tells the agents that the recording ends. */
  askToStop(): void {
    for (const fifo of this.#fifos.values()) fifo.askToStop()
  }

  /** Twice is no harm. */
  close(): void {
    for (const fifo of this.#fifos.values()) fifo.close()
  }

  #open(key: string, place: FifoPlace): string {
    const fifo = this.#fifos.get(key) ?? new Fifo(this.#reader(), place)
    this.#fifos.set(key, fifo)
    return fifo.path
  }
}
