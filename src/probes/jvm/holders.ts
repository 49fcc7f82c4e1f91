import type { JvmEvents, JvmWait } from './events.ts'

/** Of the locks most waited for. */
const LOCKS = 20

/** A look at a thread that had a lock while others waited for it. */
export interface Look {
  t: number
  lock: string
  stack: string[]
}

/**
 * Samples of threads that held a lock just then: who had it before the next wait that ended, as the JVM tells of a monitor; of other locks the
 * last that got it after a wait. `byLock`: waits in the order of their ends.
 */
export function looksAtHolders(byLock: ReadonlyMap<string, readonly JvmWait[]>, samples: JvmEvents['samples']): Look[] {
  const weight = (waits: readonly JvmWait[]) => waits.reduce((ms, { from, to }) => ms + to - from, 0)
  const locks = [...byLock].toSorted((a, b) => weight(b[1]) - weight(a[1])).slice(0, LOCKS)
  return locks.flatMap(([lock, waits]) => {
    let next = 0
    return samples.flatMap(({ t, tid, stack }) => {
      while (next < waits.length && (waits[next]?.to ?? 0) < t) next++
      const wait = waits[next]
      const owner = wait?.owner || waits[next - 1]?.tid
      return wait && wait.from <= t && owner === tid ? [{ t, lock, stack }] : []
    })
  })
}
