import type { Source } from './index-records.ts'
import type { Lock } from './signals.ts'

/** One look proves nothing. */
const LOOKS = 20

/**
 * How often the holder of a lock was itself blocked, by the sampler's looks at the thread that the lock names as its owner
 * while others waited. A holder that waits for another lock counts too: it does no work either.
 */
export function holderBlocked(pid: number, lock: string, source: Source): Lock['holderBlocked'] {
  const looks = source
    .within('holder')
    .filter((look) => look.pid === pid && look.lock === lock && look.tid !== 0)
    .map(({ doing, n }) => ({ doing: source.text(doing), n }))
    .filter(({ doing }) => doing !== 'unknown')
  const all = looks.reduce((sum, { n }) => sum + n, 0)
  if (all < LOOKS) return null
  const blocked = new Map<string, number>()
  for (const { doing, n } of looks) {
    const call = doing.split(' ')[0] ?? ''
    if (doing !== 'running') blocked.set(call, (blocked.get(call) ?? 0) + n)
  }
  const [most] = [...blocked].toSorted((a, b) => b[1] - a[1])
  return { share: [...blocked.values()].reduce((sum, n) => sum + n, 0) / all, in: most?.[0] ?? '' }
}
