import type { Milliseconds } from '../../units.ts'
import type { JvmEvents, JvmWait } from './events.ts'

/** A thread reads the address a moment before or after it takes the time. */
const SLACK_MS: Milliseconds = 20

interface Known {
  id: string
  last: Milliseconds
}

/**
 * One name for each lock. A monitor's address is that of the JVM's own structure and stays; a lock of java.util.concurrent is an object, which
 * the collector moves: two addresses of the same class, waited for in the same place, are one lock where a pause lies between the last wait that
 * ended at the one and the first at the other.
 */
export class LockIds {
  readonly #byAddress = new Map<string, Known>()
  readonly #byPlace = new Map<string, Known[]>()
  #pauses: readonly Milliseconds[] = []

  /** The names of the locks that these waits were for, by `of` and `lock`. */
  name({ waits, pauses }: Pick<JvmEvents, 'waits' | 'pauses'>): ReadonlyMap<string, string> {
    // A pause at the end of the chunk before may be what moved it.
    const moved = [...this.#pauses, ...pauses.map(({ t }) => t)]
    this.#pauses = pauses.map(({ t }) => t)
    const names = new Map<string, string>()
    for (const [key, own] of spans(waits)) names.set(key, this.#idOf(key, own, moved))
    return names
  }

  #idOf(key: string, { wait, last }: Waited, moved: readonly Milliseconds[]): string {
    const place = `${wait.of} ${placeOf(wait.stack)}`
    const chains = this.#byPlace.get(place) ?? []
    let known = this.#byAddress.get(key)
    known ??= chains.find(
      ({ last: before }) =>
        before < wait.to + SLACK_MS && moved.some((t) => t >= before - SLACK_MS && t <= wait.to + SLACK_MS),
    )
    if (!known) {
      known = { id: wait.lock, last }
      this.#byPlace.set(place, [...chains, known])
    }
    known.last = Math.max(known.last, last)
    this.#byAddress.set(key, known)
    return known.id
  }
}

/** What tells a wait's lock from others within a chunk. */
export function lockKey({ of, lock }: Pick<JvmWait, 'of' | 'lock'>): string {
  return `${of} ${lock}`
}

interface Waited {
  /** The first that ended. */
  wait: JvmWait
  last: Milliseconds
}

/** In the order of their first end. */
function spans(waits: readonly JvmWait[]): Map<string, Waited> {
  const found = new Map<string, Waited>()
  for (const wait of waits) {
    const own = found.get(lockKey(wait))
    if (own) own.last = wait.to
    else found.set(lockKey(wait), { wait, last: wait.to })
  }
  return found
}

/** The innermost function that is not the library's own. */
function placeOf(stack: readonly string[]): string {
  return stack.find((frame) => !/^(java|jdk|sun)\./.test(frame))?.split(' (')[0] ?? ''
}
