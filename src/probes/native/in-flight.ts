import type { Snapshot } from './table.ts'

/** The class of time that a wait of each kind is spent in: lock 0, idle 1, join 2, unclassified 3, poll 4. */
const CLASS_OF_KIND = [-1, 0, 0, 0, 3, 0, 1, 2, 1, 3, 4]

/**
 * The last moment at which a process that is gone was seen alive: what its table shows, or `before`, when it was last read.
 * A wait that it died in counts up to then.
 */
export function lastSign({ threads, loops }: Snapshot, before: number): number {
  const signs = [
    ...threads.flatMap(({ waitSince, aliveAt }) => [waitSince, aliveAt]),
    ...loops.map(({ turnSince }) => turnSince),
  ]
  return signs.reduce((last, sign) => Math.max(last, sign), before)
}

/** Adds to what threads have spent and sites have seen the waits that have not ended at `at`. Gives threads waiting by site. */
export function addInFlight({ threads, sites }: Snapshot, at: number): Map<number, number> {
  const waiting = new Map<number, number>()
  for (const thread of threads) {
    const { waitSince, waitKind, waitSite } = thread
    const nanos = waitSince > 0 ? at - waitSince : 0
    if (nanos <= 0) continue
    const of = CLASS_OF_KIND[waitKind] ?? -1
    if (thread.spent[of] !== undefined) thread.spent[of] += nanos
    const site = sites[waitSite]
    if (!site || site.kind !== waitKind) continue
    site.nanos += nanos
    site.longest = Math.max(site.longest, nanos)
    waiting.set(waitSite, (waiting.get(waitSite) ?? 0) + 1)
  }
  return waiting
}
