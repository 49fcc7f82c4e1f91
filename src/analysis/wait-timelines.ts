import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { runtimeLockWaits } from './runtime-locks.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import { rowCount } from '../recording/sweep.ts'
import type { Milliseconds } from '../units.ts'
import { waitKinds } from './wait-kinds.ts'
import { waitStates } from './wait-states.ts'

/** Time that lay in a span. */
interface Spent {
  span: readonly [Milliseconds, Milliseconds]
  ms: Milliseconds
  /** `pid slot`, where the lock has an address. */
  lock: string | null
}

/** Lock waits of native threads: as their runtime or the native agent counted them, else as the sampler saw them. */
export function nativeLockWaits(source: Source): Spent[] {
  const told = toldByRuntime(source)
  const counted = new Set([...source.of('native').map(({ pid }) => pid), ...told.keys()])
  const kindOf = waitKinds(source)
  const waits = source.of('native-wait').filter((wait) => kindOf(wait).role === 'lock' && !told.has(wait.pid))
  const blocked = source.of('blocked').filter(({ pid, state }) => state === 'contended' && !counted.has(pid))
  return [
    ...spentSince(waits, source.of('native-threads')),
    ...spentSince(blocked, source.of('sampled')),
    ...runtimeLockWaits(source).map(({ from, t, pid, lock, ms }) => ({
      span: [from, t] as const,
      ms,
      lock: `${pid} ${lock}`,
    })),
  ]
}

/** Threads in I/O, or asleep, by sweep. */
export function blockedThreads(
  source: Source,
  state: 'ioWait' | 'sleeping',
): { t: Milliseconds; owner: number; value: number }[] {
  const blockedIn = waitStates(source, true)
  return source.of('threads').map((sweep) => {
    const rows = rowCount(sweep)
    let there = 0
    for (let i = 0; i < rows; i++) if (blockedIn(sweep.states.charCodeAt(i), sweep.waits[i] ?? -1) === state) there++
    return { t: sweep.t, owner: sweep.pid, value: (there * sweep.of) / Math.max(1, rows) }
  })
}

/** Each record covers the time since its process was read before, as `readings` tell. */
function spentSince(
  records: readonly { t: Milliseconds; pid: number; ms: Milliseconds; lock?: string | undefined }[],
  readings: readonly { t: Milliseconds; pid: number }[],
): Spent[] {
  const before = new Map<string, Milliseconds>()
  for (const [pid, own] of groupBy(readings, (reading) => reading.pid)) {
    own.forEach(({ t }, i) => before.set(`${pid} ${t}`, own[i - 1]?.t ?? 0))
  }
  return records.map(({ t, pid, ms, lock }) => ({
    span: [before.get(`${pid} ${t}`) ?? 0, t] as const,
    ms,
    lock: lock === undefined ? null : `${pid} ${lock}`,
  }))
}
