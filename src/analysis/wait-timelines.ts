import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import type { Milliseconds } from '../units.ts'
import { waitKinds } from './wait-kinds.ts'
import { blockedState } from './wait-states.ts'

/** Time that lay in a span. */
interface Spent {
  span: readonly [Milliseconds, Milliseconds]
  ms: Milliseconds
}

/** Lock waits of native threads: as the native agent counted them, else as the sampler saw them. */
export function nativeLockWaits(source: Source): Spent[] {
  const counted = new Set(source.of('native').map(({ pid }) => pid))
  const kindOf = waitKinds(source)
  const waits = source.of('native-wait').filter((wait) => kindOf(wait).role === 'lock')
  const blocked = source.of('blocked').filter(({ pid, state }) => state === 'contended' && !counted.has(pid))
  return [...spentSince(waits, source.of('native-threads')), ...spentSince(blocked, source.of('sampled'))]
}

/** Threads in I/O, or asleep, by sweep. */
export function blockedThreads(
  source: Source,
  state: 'ioWait' | 'sleeping',
): { t: Milliseconds; owner: number; value: number }[] {
  return source.of('threads').map(({ t, pid, of, rows }) => {
    const there = rows.filter(
      ([, , , letter, wait]) => blockedState(letter, wait < 0 ? '' : source.text(wait), true) === state,
    )
    return { t, owner: pid, value: (there.length * of) / Math.max(1, rows.length) }
  })
}

/** Each record covers the time since its process was read before, as `readings` tell. */
function spentSince(
  records: readonly { t: Milliseconds; pid: number; ms: Milliseconds }[],
  readings: readonly { t: Milliseconds; pid: number }[],
): Spent[] {
  const before = new Map<string, Milliseconds>()
  for (const [pid, own] of groupBy(readings, (reading) => reading.pid)) {
    own.forEach(({ t }, i) => before.set(`${pid} ${t}`, own[i - 1]?.t ?? 0))
  }
  return records.map(({ t, pid, ms }) => ({ span: [before.get(`${pid} ${t}`) ?? 0, t] as const, ms }))
}
