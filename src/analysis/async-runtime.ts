import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { growth } from './counters.ts'
import type { Source } from './index-records.ts'
import type { RuntimeRole } from './runtime-roles.ts'
import type { AsyncRuntime, RuntimePool } from './signals.ts'
import { nameThreads } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'
import { blockedState } from './wait-states.ts'

const CALLS_KEPT = 5

/** Tokio's own waits: a worker that has nothing to do, and a thread of the blocking pool that waits for work. */
const PARKED = /\btokio::[\w:]*\b(park(_\w+)?\b|(io|time)::driver\b)/
/** It is in a task. */
const IN_TASK = /\btokio::runtime::task::/
/** Told the runtime beforehand, which has another thread do its work meanwhile. */
const HANDED_OVER = /\bblock_in_place\b/

/** What workers and blocking pools of asynchronous runtimes were blocked in, over the window; null where none was seen. */
export function readAsyncRuntime(source: Source, threads: ReadonlyMap<string, ThreadSamples>): AsyncRuntime | null {
  const roleOf = nameThreads(source)
  const workers = emptyPool()
  const pool = emptyPool()
  const pools: Readonly<Record<RuntimeRole, Pool>> = { worker: workers, 'blocking pool': pool }
  for (const { pid, tid, role, cpu, queued, states } of threads.values()) {
    if (!role.runtimeRole) continue
    const into = pools[role.runtimeRole]
    const alive = Math.min(states.at(-1)?.[0] ?? 0, source.window[1]) - Math.max(states[0]?.[0] ?? 0, source.window[0])
    if (alive <= 0) continue
    into.tids.add(`${pid}/${tid}`)
    into.aliveMs += alive
    into.runMs += growth(cpu, source.window) + growth(queued, source.window)
  }
  if (workers.tids.size + pool.tids.size === 0) return null
  for (const record of source.within('blocked')) {
    const stack = source.stack(record.stack)
    for (const role of ['worker', 'blocking pool'] as const) {
      const share = shareOf(record, (tid) => roleOf({ pid: record.pid, tid }).runtimeRole === role)
      if (share > 0) addBlocked(pools[role], record, source.text(record.wait), stack, share)
    }
  }
  return { workers: describe(workers, source), blockingPool: describe(pool, source), fidelity: 'sampled' }
}

/** One kind of thread, in milliseconds over the window. */
interface Pool {
  tids: Set<string>
  aliveMs: Milliseconds
  runMs: Milliseconds
  callMs: Milliseconds
  lockMs: Milliseconds
  calls: Map<string, { call: string; isLock: boolean; stack: string[]; ms: Milliseconds }>
}

function emptyPool(): Pool {
  return { tids: new Set(), aliveMs: 0, runMs: 0, callMs: 0, lockMs: 0, calls: new Map() }
}

/** Of the threads that a record is of, as far as they were noted. */
function shareOf({ tids }: RecordOf<'blocked'>, isOne: (tid: number) => boolean): Ratio {
  return tids.length === 0 ? 0 : tids.filter(isOne).length / tids.length
}

function addBlocked(
  pool: Pool,
  record: RecordOf<'blocked'>,
  wait: string,
  stack: readonly string[],
  share: Ratio,
): void {
  if (stack.some((frame) => HANDED_OVER.test(frame))) return
  const isLock = record.state === 'contended'
  if (!isLock && !isBlockingCall(wait, stack)) return
  const ms = record.ms * share
  if (isLock) pool.lockMs += ms
  else pool.callMs += ms
  const call = isLock || wait.startsWith('futex') ? (record.kind ?? 'futex') : wait
  const key = `${call} ${record.stack}`
  const known = pool.calls.get(key)
  if (known) known.ms += ms
  else pool.calls.set(key, { call, isLock, stack: [...stack], ms })
}

/** A task that stands in a call, as opposed to a thread that the runtime has let rest. */
function isBlockingCall(wait: string, stack: readonly string[]): boolean {
  if (/^(epoll_|io_uring)/.test(wait)) return false
  const first = stack.find((frame) => PARKED.test(frame) || IN_TASK.test(frame))
  const inTask = first !== undefined && !PARKED.test(first)
  // A wait for work looks the same, a condition variable's or for descriptors: only within a task it blocks.
  return blockedState('S', wait, true) === 'idleWait' ? inTask : first === undefined || inTask
}

function describe({ tids, aliveMs, runMs, callMs, lockMs, calls }: Pool, { windowMs }: Source): RuntimePool {
  return {
    threads: aliveMs / windowMs,
    peak: tids.size,
    running: runMs / windowMs,
    inCalls: callMs / windowMs,
    inLocks: lockMs / windowMs,
    calls: [...calls.values()]
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, CALLS_KEPT)
      .map(({ ms, ...call }) => ({ ...call, threads: ms / windowMs })),
  }
}
