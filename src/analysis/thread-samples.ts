import { rowCount } from '../recording/sweep.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { around, type Counter, growth } from './counters.ts'
import type { Source } from './index-records.ts'
import type { ThreadState } from './signals.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import type { ThreadRole } from './thread-names.ts'
import { waitStates } from './wait-states.ts'

/** All that the sweeps saw of one thread, over the whole recording. */
export interface ThreadSamples {
  pid: number
  tid: number
  role: ThreadRole
  cpu: Counter
  queued: Counter
  states: States
}

/** What looks at a thread, in ascending order, saw of its state. */
export interface States {
  readonly times: ArrayLike<Milliseconds>
  /** The call that it was blocked in at look `i`; '' where unknown. */
  wait: (i: number) => string
  /** Null when it was running. `counted`: its futex waits are idle until an agent says otherwise. */
  blockedIn: (i: number, counted: boolean) => ThreadState | null
}

/** One thread's rows of all sweeps. */
interface Rows {
  length: number
  times: Float64Array
  cpuMs: Float64Array
  queuedMs: Float64Array
  letters: Uint8Array
  waits: Int32Array
}

/** Threads by `pid/tid`. */
export function threadSamples(source: Source): Map<string, ThreadSamples> {
  const roleOf = nameThreads(source)
  const counted = waitStates(source, true)
  const uncounted = waitStates(source, false)
  const threads = new Map<string, ThreadSamples>()
  for (const [pid, own] of rowsByThread(source)) {
    for (const [tid, { times, cpuMs, queuedMs, letters, waits }] of own) {
      const wait = (i: number) => waits[i] ?? -1
      threads.set(threadKey({ pid, tid }), {
        pid,
        tid,
        role: roleOf({ pid, tid }),
        cpu: { times, values: cpuMs },
        queued: { times, values: queuedMs },
        states: {
          times,
          wait: (i) => (wait(i) < 0 ? '' : source.text(wait(i))),
          blockedIn: (i, known) => (known ? counted : uncounted)(letters[i] ?? 0, wait(i)),
        },
      })
    }
  }
  return threads
}

/** By process and thread. Counted first: an hour has millions of rows, which are copied once. */
function rowsByThread(source: Source): Map<number, Map<number, Rows>> {
  const counts = new Map<number, Map<number, number>>()
  for (const sweep of source.of('threads')) {
    let own = counts.get(sweep.pid)
    if (!own) counts.set(sweep.pid, (own = new Map()))
    const rows = rowCount(sweep)
    for (let i = 0; i < rows; i++) own.set(sweep.tids[i] ?? 0, (own.get(sweep.tids[i] ?? 0) ?? 0) + 1)
  }
  const threads = new Map<number, Map<number, Rows>>()
  for (const [pid, own] of counts) threads.set(pid, new Map([...own].map(([tid, count]) => [tid, emptyRows(count)])))
  for (const sweep of source.of('threads')) {
    const { t, pid, tids, cpuMs, queuedMs, states, waits } = sweep
    const count = rowCount(sweep)
    for (let i = 0; i < count; i++) {
      const rows = threads.get(pid)?.get(tids[i] ?? 0)
      if (!rows) continue
      const at = rows.length++
      rows.times[at] = t
      rows.cpuMs[at] = cpuMs[i] ?? 0
      rows.queuedMs[at] = queuedMs[i] ?? 0
      rows.letters[at] = states.charCodeAt(i)
      rows.waits[at] = waits[i] ?? -1
    }
  }
  return threads
}

function emptyRows(count: number): Rows {
  return {
    length: 0,
    times: new Float64Array(count),
    cpuMs: new Float64Array(count),
    queuedMs: new Float64Array(count),
    letters: new Uint8Array(count),
    waits: new Int32Array(count),
  }
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
