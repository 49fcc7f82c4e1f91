import type { ProcessSymbols } from '../../symbols/process-symbols.ts'
import type { Milliseconds } from '../../units.ts'
import type { FutexCall } from '../native/futex.ts'
import type { Observation } from '../native-sampler/observe.ts'
import { valueClass } from './futex-words.ts'

/** What a thread was seen to be blocked in, from outside. */
interface Sighting {
  pid: number
  tid: number
  /** Null for what is no futex. */
  call: FutexCall | null
  observation: Observation
  /** What the look stands for. */
  ms: Milliseconds
  symbols: ProcessSymbols
}

/** One way of waiting, and its part of the time seen. */
export interface Seen {
  observation: Observation
  symbols: ProcessSymbols
  ms: Milliseconds
}

/** How much what was seen a second ago counts beside what was seen now. */
const FADES = 0.5
const FAINT: Milliseconds = 1e-9
const WORDS_AT_MOST = 20_000

/**
 * Where threads stand while they wait, by the word that they wait on: the kernel says exactly who waits where how long, the sampler
 * which lock function and caller that is. What was seen last counts most.
 */
export class Sightings {
  readonly #words = new Map<string, Map<Observation, Seen>>()

  saw({ pid, tid, call, observation, ms, symbols }: Sighting): void {
    if (this.#words.size > WORDS_AT_MOST) this.#words.clear()
    const lock = observation.futex?.lock ?? 0
    const keys = call
      ? [`${pid} at ${call.address}`, `${pid} by ${call.op} ${valueClass(call.value)}`, `${pid} ${lock} of ${tid}`]
      : [`${pid} is ${tid}`]
    for (const key of keys) {
      let seen = this.#words.get(key)
      if (!seen) this.#words.set(key, (seen = new Map()))
      const known = seen.get(observation)
      if (known) known.ms += ms
      else seen.set(observation, { observation, symbols, ms })
    }
  }

  /** Of those that waited on this word. */
  atWord(pid: number, address: number): Seen[] {
    return this.#of(`${pid} at ${address}`)
  }

  /** Of those that called with this operation and value, wherever. */
  byCall(pid: number, op: number, value: number): Seen[] {
    return this.#of(`${pid} by ${op} ${value}`)
  }

  /** Of this thread, when it waited for this lock. */
  ofThread(pid: number, lock: number, tid: number): Seen[] {
    return this.#of(`${pid} ${lock} of ${tid}`)
  }

  /** What this thread was blocked in lately but futex; null when it was not seen so. */
  doing(pid: number, tid: number): Seen | null {
    return this.#of(`${pid} is ${tid}`).toSorted((a, b) => b.ms - a.ms)[0] ?? null
  }

  /** A second went by. */
  fade(): void {
    for (const seen of this.#words.values()) for (const one of seen.values()) one.ms = Math.max(one.ms * FADES, FAINT)
  }

  #of(key: string): Seen[] {
    return [...(this.#words.get(key)?.values() ?? [])]
  }
}
