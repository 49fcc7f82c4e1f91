import type { Milliseconds } from '../../units.ts'

const MOST = 256
const LEAST = 16
/** CPU that a sweep may take on average: 2.5 % of a core at 50 a second; twice that where few looks would be a small part of the threads. */
const SWEEP_MS: Milliseconds = 0.5
const SWEEP_OF_MANY_MS: Milliseconds = 1
const MANY = 1000
/** Small steps: the average that it goes by is itself slow. */
const STEP = 1.05

/** How many threads a sweep may look at so that it stays within its part of a core. */
export class LookBudget {
  #most = MOST

  /** @param sweepMs what sweeps took on average of late. */
  most(sweepMs: Milliseconds, threads: number): number {
    const step = sweepMs > (threads > MANY ? SWEEP_OF_MANY_MS : SWEEP_MS) ? 1 / STEP : STEP
    this.#most = Math.min(MOST, Math.max(LEAST, this.#most * step))
    return Math.round(this.#most)
  }
}
