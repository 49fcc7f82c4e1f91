import type { Milliseconds } from '../units.ts'
import { LAG_MS } from './latest-report.ts'

/** Windows one after the other, without a gap and without overlap, in ms since the recording began. */
export class Tiles {
  #from: Milliseconds = 0
  #end: Milliseconds | null = null
  readonly #lagMs: Milliseconds

  /** `lagMs`: after so long all probes have told of a moment. */
  constructor(lagMs: Milliseconds = LAG_MS) {
    this.#lagMs = lagMs
  }

  /** No window goes beyond it. */
  end(t: Milliseconds): void {
    this.#end = t
  }

  /** From the last one's end to the moment that all is told of at `t`; null where that is no later. */
  next(t: Milliseconds): [Milliseconds, Milliseconds] | null {
    const from = this.#from
    const to = this.#end ?? t - this.#lagMs
    if (to <= from) return null
    this.#from = to
    return [from, to]
  }
}
