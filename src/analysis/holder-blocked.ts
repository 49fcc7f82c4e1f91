import type { RecordOf } from '../recording/schema.ts'
import type { Source } from './index-records.ts'
import type { HolderBlocked } from './signals.ts'
import type { Ratio } from '../units.ts'

/** What a holder is `doing` that the kernel saw off its core, and nobody in a call. */
const UNSEEN = 'blocked'
/** One look proves nothing. */
const LOOKS = 20

/**
 * How often the holder of a lock was itself blocked, by the sampler's looks at the thread that the lock names as its owner
 * while others waited. A holder that waits for another lock counts too: it does no work either.
 */
export function holderBlocked(pid: number, lock: string, source: Source, atLeast = LOOKS): HolderBlocked | null {
  const looks = source
    .within('holder')
    .filter((look) => look.pid === pid && look.lock === lock && look.tid !== 0)
    // What waits for its own lock was woken a moment ago, or is stuck.
    .filter(({ doing, awaits }) => source.text(doing) !== 'unknown' && awaits !== lock)
  const all = sum(looks)
  if (all < atLeast) return null
  const blocked = looks.filter(({ doing }) => source.text(doing) !== 'running')
  const elsewhere = blocked.filter(({ awaits }) => awaits === undefined)
  const call = ({ doing }: RecordOf<'holder'>) => source.text(doing).split(' ')[0] ?? ''
  const told = (elsewhere.length > 0 ? elsewhere : blocked).filter((look) => call(look) !== UNSEEN)
  const stack = most(
    elsewhere.filter((look) => look.stack !== undefined),
    (look) => look.stack,
  )
  return {
    share: sum(blocked) / all,
    in: most(told, call) ?? '',
    behindLock: (sum(blocked) - sum(elsewhere)) / all,
    stack: source.stack(stack ?? undefined),
  }
}

/**
 * Share of the sweeps that found somebody waiting for the lock and a thread that owned it: it was held for at least so much of the
 * time. Null where there were hardly any.
 */
export function heldShare(pid: number, lock: string, source: Source): Ratio | null {
  const isOurs = (record: { pid: number }) => record.pid === pid
  const looks = source.within('holder').filter((look) => isOurs(look) && look.lock === lock && look.tid !== 0)
  const sweeps = source
    .within('sampled')
    .filter(isOurs)
    .reduce((total, record) => total + record.sweeps, 0)
  return sum(looks) >= LOOKS && sweeps > 0 ? Math.min(1, sum(looks) / sweeps) : null
}

function sum(looks: readonly RecordOf<'holder'>[]): number {
  return looks.reduce((total, { n }) => total + n, 0)
}

/** The key of most looks; null of none. */
function most<K>(looks: readonly RecordOf<'holder'>[], keyOf: (look: RecordOf<'holder'>) => K): K | null {
  const counts = new Map<K, number>()
  for (const look of looks) counts.set(keyOf(look), (counts.get(keyOf(look)) ?? 0) + look.n)
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null
}
