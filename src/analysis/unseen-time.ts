import type { Milliseconds } from '../units.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import { type Counter, counterOf, growth } from './counters.ts'
import type { ThreadState } from './signals.ts'
import { threadLifetime } from './thread-lifetime.ts'
import type { States, ThreadSamples } from './thread-samples.ts'

/** Sweeps that a thread can be missed by at its birth and at its end. */
const SHORT_MS: Milliseconds = 500

/** Thread time that lies between two sweeps: of threads that came and went, and the ends of the others. */
interface UnseenTime {
  /** The group of most threads that ended; null where none was seen. */
  group: string | null
  /** Threads that one sweep alone saw. */
  threads: number
  ms: Partial<Record<ThreadState, Milliseconds>>
}

/**
 * What is left of the lifetime of a process' threads once that of each thread seen twice is taken off.
 * On CPU is what the process' counter has more than those threads; the rest is spread as short-lived threads were seen, once each at
 * least: a look at random is fair to all of the time. `seen`: thread time and CPU that the sweeps account for; `lived`: of its threads, where an agent counts.
 */
export function unseenTime(
  source: Source,
  pid: number,
  threads: readonly ThreadSamples[],
  seen: { ms: Milliseconds; cpuMs: Milliseconds },
  counted: boolean,
  lived: Counter,
): UnseenTime | null {
  const records = source.of('proc').filter((record) => record.pid === pid)
  const ms = threadLifetime(source, pid, lived) - seen.ms
  if (ms <= 0) return null
  const gone = new Set(source.of('thread-exit').flatMap((exit) => (exit.pid === pid ? [exit.tid] : [])))
  const short = threads.filter(({ tid, states }) => gone.has(tid) && lengthOf(states) < SHORT_MS)
  const looks = new Map<ThreadState | 'running', number>()
  for (const { states } of short) {
    for (let i = 0; i < states.times.length; i++) {
      const t = states.times[i] ?? 0
      if (t < source.window[0] || t > source.window[1]) continue
      const state = states.blockedIn(i, counted) ?? 'running'
      looks.set(state, (looks.get(state) ?? 0) + 1)
    }
  }
  const cpu = growth(counterOf(records.map(({ t, cpuMs }) => [t, cpuMs])), source.window)
  const once = short.filter(({ states }) => states.times.length === 1).length
  return { group: mostCommonGroup(short), threads: once, ms: spread(ms, Math.max(0, cpu - seen.cpuMs), looks) }
}

function spread(
  ms: Milliseconds,
  cpuMs: Milliseconds,
  looks: ReadonlyMap<ThreadState | 'running', number>,
): UnseenTime['ms'] {
  const all = [...looks.values()].reduce((sum, n) => sum + n, 0)
  const onCpu = Math.min(ms, cpuMs)
  if (all === 0) return { onCpu, unknown: ms - onCpu }
  const runnable = Math.max(0, (ms * (looks.get('running') ?? 0)) / all - onCpu)
  const blocked = [...looks].filter(([state]) => state !== 'running')
  const sum = blocked.reduce((total, [, n]) => total + n, 0)
  const left = ms - onCpu - runnable
  const parts = blocked.map(([state, n]) => [state, (left * n) / sum] as const)
  return { onCpu, runnable: sum > 0 ? runnable : ms - onCpu, ...Object.fromEntries(parts) }
}

function lengthOf({ times }: States): Milliseconds {
  return (times[times.length - 1] ?? 0) - (times[0] ?? 0)
}

function mostCommonGroup(threads: readonly ThreadSamples[]): string | null {
  const groups = [...groupBy(threads, ({ role }) => role.group)]
  return groups.toSorted((a, b) => b[1].length - a[1].length)[0]?.[0] ?? null
}
