import type { Milliseconds } from '../units.ts'
import { counterOf, growth } from './counters.ts'
import type { Source } from './index-records.ts'
import type { Lock, StuckLock } from './signals.ts'
import { threadKey } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'

/** Records come once a second: what was seen in the last two of them is still so. */
export const RECENT_MS: Milliseconds = 2100
/** What a record tells may be as old as that. */
const RECORD_MS: Milliseconds = 1000
/** Of a thread that is woken to look whether it still has to wait. */
const WAKE_EVERY_MS: Milliseconds = 1000

/**
 * Since when nobody got a lock that threads wait for at the end of the window. That is proven by its owner, who cannot have given it
 * back without running; of a lock that does not say who holds it, by all its waiters not having run. What the native agent counts
 * says it too. Null where somebody got it, or nothing tells.
 */
export function stuckLock(
  { pid, slot, role }: Lock,
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
): StuckLock | null {
  if (role !== 'lock' || slot === '') return null
  const [, end] = source.window
  const isOurs = (record: { pid: number; lock?: string | undefined }) => record.pid === pid && record.lock === slot
  const waits = source.within('blocked').filter((wait) => isOurs(wait) && wait.state === 'contended')
  const tids = new Set(waits.filter(({ t }) => t > end - RECENT_MS).flatMap((wait) => wait.tids))
  const counted = sinceByAgent(isOurs, source)
  if (tids.size === 0 && counted === null) return null

  const looks = source.within('holder').filter(isOurs)
  const owners = new Set(looks.filter(({ t }) => t > end - RECENT_MS).map(({ tid }) => tid))
  const [tid = 0] = owners.size === 1 ? owners : []
  const still = (of: number) => standsStillSince(threads.get(threadKey({ pid, tid: of })), end)
  // Waiters come anew where clients try again: who counts the waits that ended need not ask them.
  const stood = tid > 0 ? [still(tid)] : counted === null ? [...tids].map(still) : []
  const since = Math.max(counted ?? 0, ...stood)
  const others = looks.some((look) => look.tid !== tid && look.t > since + RECORD_MS)
  if (since > end - RECENT_MS || (tid > 0 && others)) return null
  const used = source.of('proc').flatMap((record) => (record.pid === pid ? [[record.t, record.cpuMs] as const] : []))
  const last = looks.findLast((look) => look.tid === tid)
  return {
    seconds: (end - since) / 1000,
    cores: growth(counterOf(used), [since, end]) / (end - since),
    owner:
      tid > 0 && last
        ? {
            tid,
            name: source.of('thread').findLast((thread) => thread.pid === pid && thread.tid === tid)?.name ?? '',
            doing: source.text(last.doing),
            awaits: last.awaits ?? null,
            stack: source.stack(last.stack),
          }
        : null,
  }
}

/** The last time that a wait ended or the lock was given back while threads waited; null where the agent saw none wait at the end. */
function sinceByAgent(
  isOurs: (record: { pid: number; lock?: string | undefined }) => boolean,
  source: Source,
): Milliseconds | null {
  const [, end] = source.window
  const waits = source.of('native-wait').filter((wait) => isOurs(wait) && wait.t <= end)
  const [first] = waits
  if (!first || !waits.some(({ t, waiting }) => waiting > 0 && t > end - RECENT_MS)) return null
  const unlocks = source.of('native-unlock').filter((unlock) => isOurs(unlock) && unlock.t <= end)
  const progress = [...waits, ...unlocks].flatMap(({ t, n }) => (n > 0 ? [t] : []))
  return Math.max(first.t - first.max, ...progress)
}

/**
 * When a thread was last seen to have run before `end`: its CPU is the same from then on, or as good as: `idle` cores on average, for
 * which it may wake up once a second, just before the end too. `end` where nobody knows.
 */
export function standsStillSince(thread: ThreadSamples | undefined, end: Milliseconds, idle = 0): Milliseconds {
  const { times, values } = thread?.cpu ?? counterOf([])
  let last = times.length - 1
  while ((times[last] ?? -Infinity) > end) last--
  const isStillFrom = (at: number) =>
    (values[last] ?? 0) - (values[at] ?? 0) <= idle * (WAKE_EVERY_MS + (times[last] ?? 0) - (times[at] ?? 0))
  let first = last
  while (first > 0 && isStillFrom(first - 1)) first--
  return times[first] ?? end
}
