import type { Milliseconds, Ratio } from '../units.ts'
import { around, growth } from './counters.ts'
import type { Source } from './index-records.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import type { ThreadRole } from './thread-names.ts'

/** All that the sweeps saw of one thread, over the whole recording. */
export interface ThreadSamples {
  pid: number
  tid: number
  role: ThreadRole
  cpu: [Milliseconds, number][]
  queued: [Milliseconds, number][]
  /** `[t, state letter, what it is blocked in]`. */
  states: [Milliseconds, string, string][]
}

/** Threads by `pid/tid`. */
export function threadSamples(source: Source): Map<string, ThreadSamples> {
  const roleOf = nameThreads(source)
  const threads = new Map<string, ThreadSamples>()
  for (const { t, pid, rows } of source.of('threads')) {
    for (const [tid, cpuMs, queuedMs, state, wait] of rows) {
      const key = threadKey({ pid, tid })
      let thread = threads.get(key)
      if (!thread)
        threads.set(key, (thread = { pid, tid, role: roleOf({ pid, tid }), cpu: [], queued: [], states: [] }))
      thread.cpu.push([t, cpuMs])
      thread.queued.push([t, queuedMs])
      thread.states.push([t, state, wait < 0 ? '' : source.text(wait)])
    }
  }
  return threads
}

/** Milliseconds on CPU and in the run queue over the window. */
export function scheduled(
  thread: ThreadSamples,
  window: readonly [Milliseconds, Milliseconds],
): { cpuMs: Milliseconds; queuedMs: Milliseconds } {
  return { cpuMs: growth(thread.cpu, window), queuedMs: growth(thread.queued, window) }
}

/** Share of the time that the thread waited for a core, in the sweeps around `t`. */
export function queuedShare({ queued }: ThreadSamples, t: Milliseconds): Ratio {
  const [from, to] = around(queued, t)
  return to > from ? Math.min(1, Math.max(0, growth(queued, [from, to]) / (to - from))) : 0
}
