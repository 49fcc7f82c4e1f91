import { setTimeout } from 'node:timers'
import type { Milliseconds, Ratio, Seconds } from '../../units.ts'

export const PERIOD_MS = 100
const PERIOD_AT_MOST_MS = 1000
/** Share of a period that a sweep may take; a longer one makes the period longer. */
const BUSY_AT_MOST: Ratio = 0.125
/** Sweeps at a fixed beat would see a target that works at the same beat always in the same state. */
const JITTER: Ratio = 0.2
/** Weight of the newest sweep in the average that decides the period. */
const NEWEST: Ratio = 0.2

/** What the timer saw since it was last asked. */
interface Punctuality {
  ticks: number
  /** Ticks that came late by over half a period. */
  late: number
  maxLateMs: Milliseconds
}

/** Calls a sweep about every 100 ms, or as often as told, less often where sweeps are dear. */
export class SweepTimer {
  periodMs: Milliseconds
  /** The period where sweeps are cheap enough for it. */
  wantedMs: Milliseconds
  /** CPU that holdup spent in sweeps. */
  cpuSeconds: Seconds = 0
  /** What a sweep takes of a core, on average of late. */
  sweepMs: Milliseconds = 0
  readonly #sweep: () => void
  #seen: Punctuality = { ticks: 0, late: 0, maxLateMs: 0 }
  #beat = performance.now()
  #timer: NodeJS.Timeout | null = null

  constructor(sweep: () => void, periodMs: Milliseconds = PERIOD_MS) {
    this.#sweep = sweep
    this.wantedMs = this.periodMs = periodMs
  }

  /** Sweeps once now, and then by the clock. */
  start(): void {
    this.#beat = performance.now()
    this.run()
    this.#plan()
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** One sweep now; measures it. */
  run(): void {
    const before = process.cpuUsage()
    this.#sweep()
    const { user, system } = process.cpuUsage(before)
    const ms = (user + system) / 1000
    this.cpuSeconds += ms / 1000
    // CPU, not time: on a busy machine a sweep is long because it waits for a core, and then samples matter most.
    this.sweepMs += (ms - this.sweepMs) * NEWEST
    this.periodMs = Math.min(PERIOD_AT_MOST_MS, Math.max(this.wantedMs, Math.ceil(this.sweepMs / BUSY_AT_MOST)))
  }

  /** Punctuality since the last call. */
  takePunctuality(): Punctuality {
    const seen = this.#seen
    this.#seen = { ticks: 0, late: 0, maxLateMs: 0 }
    return seen
  }

  #plan(): void {
    const now = performance.now()
    this.#beat += this.periodMs
    // Beats that were missed are not made up for.
    if (this.#beat < now) this.#beat = now
    const due = this.#beat + (Math.random() - 0.5) * JITTER * this.periodMs
    this.#timer = setTimeout(() => this.#tick(due), Math.max(0, due - now))
  }

  #tick(due: Milliseconds): void {
    const lateMs = Math.max(0, performance.now() - due)
    this.#seen.ticks++
    if (lateMs > this.periodMs / 2) this.#seen.late++
    this.#seen.maxLateMs = Math.max(this.#seen.maxLateMs, Math.round(lateMs * 10) / 10)
    this.run()
    this.#plan()
  }
}
