import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import type { JvmWait } from './events.ts'
import type { SeenHolder } from './thread-dump.ts'

/** A wait that had not ended when the chunk did is in the next one. */
const KEPT_MS: Milliseconds = 15_000

interface Look extends SeenHolder {
  t: Milliseconds
}

/**
 * Who had a lock, and what it did, by dumps of all threads. A dump names the object and the recorder the JVM's own structure: a lock is told by
 * the wait that one of its waiters was in at that time.
 */
export class DumpedHolders {
  #looks: Look[] = []

  add(t: Milliseconds, seen: readonly SeenHolder[]): void {
    const kept = this.#looks.filter((look) => look.t > t - KEPT_MS)
    this.#looks = [...kept, ...seen.map((each) => ({ ...each, t }))]
  }

  /** `byLock`: waits for locks that a chunk tells of. */
  write(sink: Sink, pid: number, byLock: ReadonlyMap<string, readonly JvmWait[]>): void {
    const byThread = new Map<number, { lock: string; wait: JvmWait }[]>()
    for (const [lock, waits] of byLock)
      for (const wait of waits) {
        const own = byThread.get(wait.tid)
        if (own) own.push({ lock, wait })
        else byThread.set(wait.tid, [{ lock, wait }])
      }
    const lockOf = (tid: number, t: Milliseconds) =>
      byThread.get(tid)?.find(({ wait: { from, to } }) => from <= t && t <= to)?.lock
    this.#looks = this.#looks.filter(({ t, tid, waiters, doing, isBehindLock, stack }) => {
      const lock = waiters.map((waiter) => lockOf(waiter, t)).find((found) => found !== undefined)
      if (lock === undefined) return true
      sink.add({
        k: 'holder',
        t,
        pid,
        tid,
        lock,
        doing: sink.string(doing),
        ...(isBehindLock && { awaits: lockOf(tid, t) ?? '' }),
        stack: sink.stack(stack),
        n: 1,
      })
      return false
    })
  }
}
