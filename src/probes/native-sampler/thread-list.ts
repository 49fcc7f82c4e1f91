import { readdirSync } from 'node:fs'
import type { Milliseconds } from '../../units.ts'
import type { FdBudget } from '../proc/kept-file.ts'
import { randomSubset } from '../proc/random-subset.ts'
import { SampledThread } from './sampled-thread.ts'

const LIST_EVERY_MS: Milliseconds = 250
/** Listing 10,000 threads takes ten milliseconds. */
const LIST_MANY_EVERY_MS: Milliseconds = 1000
const MANY = 1000

/** The threads of one process as last listed. */
export class ThreadList {
  readonly #folder: string
  readonly #budget: FdBudget
  /** Those that were ever looked at. */
  readonly #threads = new Map<number, SampledThread>()
  #tids: number[] = []
  #listed = new Set<number>()
  #born = new Set<number>()
  /** Listed for the second time. */
  #stayed = new Set<number>()
  #listedAt: Milliseconds = -Infinity

  constructor(pid: number, budget: FdBudget) {
    this.#folder = `/proc/${pid}/task`
    this.#budget = budget
  }

  get size(): number {
    return this.#tids.length
  }

  /** Lists them anew where it is time to. False when the process is gone. */
  refresh(t: Milliseconds): boolean {
    if (t - this.#listedAt < (this.size > MANY ? LIST_MANY_EVERY_MS : LIST_EVERY_MS)) return true
    const first = this.#listedAt === -Infinity
    this.#listedAt = t
    try {
      this.#tids = readdirSync(this.#folder).map(Number)
    } catch {
      return false
    }
    const listed = new Set(this.#tids)
    this.#stayed = new Set(this.#tids.filter((tid) => this.#listed.has(tid)))
    for (const tid of this.#threads.keys()) if (!listed.has(tid)) this.forget(tid)
    if (!first) for (const tid of listed) if (!this.#listed.has(tid)) this.#born.add(tid)
    this.#listed = listed
    return true
  }

  /** Whether it was there at the listing before too. */
  hasStayed(tid: number): boolean {
    return this.#stayed.has(tid)
  }

  has(tid: number): boolean {
    return this.#listed.has(tid)
  }

  get(tid: number): SampledThread {
    let thread = this.#threads.get(tid)
    if (!thread) this.#threads.set(tid, (thread = new SampledThread(this.#folder, tid, this.#budget)))
    return thread
  }

  atRandom(most: number): SampledThread[] {
    return randomSubset(this.#tids, most).map((tid) => this.get(tid))
  }

  /** Those with the lowest ids, which are the same from one time to the next. */
  lowest(most: number): SampledThread[] {
    return [...this.#tids]
      .sort((a, b) => a - b)
      .slice(0, most)
      .map((tid) => this.get(tid))
  }

  /** Those that began since the last call. */
  takeBorn(): ReadonlySet<number> {
    const born = this.#born
    this.#born = new Set()
    return born
  }

  forget(tid: number): void {
    this.#threads.get(tid)?.close()
    this.#threads.delete(tid)
  }

  close(): void {
    for (const thread of this.#threads.values()) thread.close()
  }
}
