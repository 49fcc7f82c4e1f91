import { randomSubset } from './random-subset.ts'
import type { TrackedThread } from './tracked-thread.ts'

interface Switches {
  voluntary: number
  involuntary: number
}

/** Sums what a sample of threads did, and scales it to all of them. */
class Sample {
  voluntary = 0
  involuntary = 0
  #read = 0

  add(now: Switches, before: Switches): void {
    this.voluntary += now.voluntary - before.voluntary
    this.involuntary += now.involuntary - before.involuntary
    this.#read++
  }

  scaledTo(all: number): Switches {
    const scale = this.#read === 0 ? 0 : all / this.#read
    return { voluntary: this.voluntary * scale, involuntary: this.involuntary * scale }
  }
}

/**
 * Context switches of a process: a thread's counters less those of the last count. A thread born since counts from its
 * birth. Of more than `most` threads the same random ones are counted as long as they live, and stand for the others.
 * What a thread did between the last count and its death is lost.
 */
export class SwitchCounter {
  readonly #most: number
  readonly #counted = new Map<TrackedThread, Switches>()
  /** All threads at the last count. */
  #known = new Set<TrackedThread>()
  #begun = false

  constructor(most: number) {
    this.#most = most
  }

  /** Switches since the last call; null at the first, which has nothing to compare with. */
  count(threads: readonly TrackedThread[]): Switches | null {
    const old = threads.filter((thread) => this.#known.has(thread))
    const born = threads.filter((thread) => !this.#known.has(thread))
    const stayed = new Sample()
    for (const [thread, before] of this.#counted) {
      const now = read(thread)
      if (now === null) this.#counted.delete(thread)
      else {
        stayed.add(now, before)
        this.#counted.set(thread, now)
      }
    }
    const came = this.#take(randomSubset([...born], this.#most))
    this.#fillUp(old)
    this.#known = new Set(threads)
    const first = !this.#begun
    this.#begun = true
    return first ? null : sum(stayed.scaledTo(old.length), came.scaledTo(born.length))
  }

  #take(threads: readonly TrackedThread[]): Sample {
    const sample = new Sample()
    for (const thread of threads) {
      const now = read(thread)
      if (now === null) continue
      sample.add(now, { voluntary: 0, involuntary: 0 })
      if (this.#counted.size < this.#most) this.#counted.set(thread, now)
    }
    return sample
  }

  /** The dead leave room for threads that were not counted so far. */
  #fillUp(old: readonly TrackedThread[]): void {
    const room = this.#most - this.#counted.size
    if (room <= 0) return
    const others = old.filter((thread) => !this.#counted.has(thread))
    this.#take(randomSubset(others, room))
  }
}

function read(thread: TrackedThread): Switches | null {
  const switches = thread.switches()
  return switches && { voluntary: switches[0], involuntary: switches[1] }
}

function sum(a: Switches, b: Switches): Switches {
  return {
    voluntary: Math.round(a.voluntary + b.voluntary),
    involuntary: Math.round(a.involuntary + b.involuntary),
  }
}
