import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { growth } from './counters.ts'
import type { Source } from './index-records.ts'
import { type RuntimeRole, runsAlone } from './runtime-roles.ts'
import type { AsyncRuntime, RuntimePool } from './signals.ts'
import { singleLoops } from './single-loops.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'
import { blockedState } from './wait-states.ts'

const CALLS_KEPT = 5
/** Of the time in which workers of all runtimes are blocked: less in one is no matter. */
const WORTH_JUDGING: Ratio = 0.1

/** Tokio's own waits: a worker that has nothing to do, and a thread of the blocking pool that waits for work. */
const PARKED = /\btokio::[\w:]*\b(park(_\w+)?\b|(io|time)::driver\b)/
/** A loop's own waits; of one that glib or Qt runs, poll is. */
const LOOP_WAITS = /^(epoll_|io_uring|futex)/
const LOOP_POLLS = /^(p?poll|p?select)/
const POLL_LOOP = /\b(g_main_|QEventDispatcher)/
/** It is in a task. */
const IN_TASK = /\btokio::runtime::task::/
/** What it costs to make a thread is none of the runtime's calls. */
const MAKES_THREAD = /^(__)?pthread_create\b/
/** Told the runtime beforehand, which has another thread do its work meanwhile. */
const HANDED_OVER = /\bblock_in_place\b/

/** What workers and blocking pools of asynchronous runtimes were blocked in, over the window; null where none was seen. */
export function readAsyncRuntime(source: Source, threads: ReadonlyMap<string, ThreadSamples>): AsyncRuntime | null {
  const roleOf = nameThreads(source)
  const workers = emptyPool()
  const pool = emptyPool()
  const single = singleLoops(source)
  const loops = new Map<string, Pool>()
  const pools: Readonly<Record<RuntimeRole, Pool>> = { worker: workers, 'blocking pool': pool }
  // Who rests takes the tasks of those of the same runtime.
  const alone = aloneIn(source)
  const runtimes = new Map<string, Pool>()
  const runtimeOf = (pid: number, tid: number): Pool => {
    const key = alone.has(`${pid}/${tid}`) ? `${pid}/${tid}` : `${pid}`
    const runtime = runtimes.get(key) ?? emptyPool()
    runtimes.set(key, runtime)
    return runtime
  }
  for (const { pid, tid, role, cpu, queued, states } of threads.values()) {
    const key = threadKey({ pid, tid })
    if (!role.runtimeRole && !single.has(key)) continue
    const into = role.runtimeRole ? pools[role.runtimeRole] : emptyPool()
    if (!role.runtimeRole) loops.set(key, into)
    const { times } = states
    const last = times[times.length - 1] ?? 0
    const alive = Math.min(last, source.window[1]) - Math.max(times[0] ?? 0, source.window[0])
    if (alive <= 0) continue
    const runMs = growth(cpu, source.window) + growth(queued, source.window)
    for (const each of into === workers ? [into, runtimeOf(pid, tid)] : [into]) {
      each.tids.add(`${pid}/${tid}`)
      each.aliveMs += alive
      each.runMs += runMs
    }
  }
  if (workers.tids.size + pool.tids.size + loops.size === 0) return null
  for (const record of source.within('blocked')) {
    const stack = source.stack(record.stack)
    for (const role of ['worker', 'blocking pool'] as const) {
      const share = shareOf(record, (tid) => roleOf({ pid: record.pid, tid }).runtimeRole === role)
      if (share > 0) addBlocked(pools[role], record, source.text(record.wait), stack, share)
    }
    for (const tid of record.tids) {
      const loop = loops.get(threadKey({ pid: record.pid, tid }))
      if (loop && stopsLoop(source.text(record.wait), stack))
        addBlocked(loop, record, source.text(record.wait), stack, 1 / record.tids.length, true)
    }
    const own = record.tids.filter((tid) => roleOf({ pid: record.pid, tid }).runtimeRole === 'worker')
    for (const tid of own)
      addBlocked(runtimeOf(record.pid, tid), record, source.text(record.wait), stack, 1 / record.tids.length)
  }
  const blocked = [...runtimes].filter(([, { callMs, lockMs }]) => callMs + lockMs > 0)
  return {
    workers: { ...describe(workers, source), resting: leastResting(blocked, alone, source) },
    blockingPool: { ...describe(pool, source), resting: 0 },
    loops: { ...describe(together(mostBlocked([...loops.values()])), source), resting: 0 },
    fidelity: 'sampled',
  }
}

/**
 * Workers that have nothing to do, on average, in the runtime with the fewest such of those that are blocked for a good part of what all
 * are; of one with a single worker none.
 */
function leastResting(blocked: readonly [string, Pool][], alone: ReadonlySet<string>, source: Source): number {
  const all = blocked.reduce((sum, [, { callMs, lockMs }]) => sum + callMs + lockMs, 0)
  const worth = blocked.filter(([, { callMs, lockMs }]) => callMs + lockMs >= WORTH_JUDGING * all)
  const resting = worth.map(([key, { aliveMs, runMs, callMs, lockMs }]) =>
    alone.has(key) ? 0 : Math.max(0, aliveMs - runMs - callMs - lockMs) / source.windowMs,
  )
  return resting.length === 0 ? 0 : Math.min(...resting)
}

/** Threads by `pid/tid` that are the only worker of their runtime. */
function aloneIn(source: Source): ReadonlySet<string> {
  const stacks = source.of('thread-stack').filter(({ stack }) => runsAlone(source.stack(stack)))
  const blocked = source.of('blocked').filter(({ stack }) => runsAlone(source.stack(stack)))
  return new Set([
    ...stacks.map(({ pid, tid }) => `${pid}/${tid}`),
    ...blocked.flatMap(({ pid, tids }) => tids.map((tid) => `${pid}/${tid}`)),
  ])
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

/** The loop that is blocked most, and those that are so half as much at the least: what others of the tree do is no matter. */
function mostBlocked(loops: readonly Pool[]): Pool[] {
  const most = Math.max(0, ...loops.map(({ callMs }) => callMs))
  return loops.filter(({ callMs }) => callMs >= most / 2)
}

function together(pools: readonly Pool[]): Pool {
  const sum = (field: 'aliveMs' | 'runMs' | 'callMs' | 'lockMs') => pools.reduce((all, pool) => all + pool[field], 0)
  const calls: Pool['calls'] = new Map()
  for (const [key, { ms, ...call }] of pools.flatMap((pool) => [...pool.calls]))
    calls.set(key, { ...call, ms: ms + (calls.get(key)?.ms ?? 0) })
  return {
    tids: new Set(pools.flatMap(({ tids }) => [...tids])),
    aliveMs: sum('aliveMs'),
    runMs: sum('runMs'),
    callMs: sum('callMs'),
    lockMs: sum('lockMs'),
    calls,
  }
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
  isKnown = false,
): void {
  if (stack.some((frame) => HANDED_OVER.test(frame))) return
  const isLock = record.state === 'contended'
  if (!isLock && !isKnown && !isBlockingCall(wait, stack)) return
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
  if (/^(epoll_|io_uring)/.test(wait) || stack.some((frame) => MAKES_THREAD.test(frame))) return false
  const first = stack.find((frame) => PARKED.test(frame) || IN_TASK.test(frame))
  const inTask = first !== undefined && !PARKED.test(first)
  // A wait for work looks the same, a condition variable's or for descriptors: only within a task it blocks.
  return blockedState('S', wait, true) === 'idleWait' ? inTask : first === undefined || inTask
}

/** A call that a loop stands in while it could serve others. */
function stopsLoop(wait: string, stack: readonly string[]): boolean {
  if (LOOP_WAITS.test(wait) || wait === '') return false
  return !(LOOP_POLLS.test(wait) && stack.some((frame) => POLL_LOOP.test(frame)))
}

function describe(
  { tids, aliveMs, runMs, callMs, lockMs, calls }: Pool,
  { windowMs }: Source,
): Omit<RuntimePool, 'resting'> {
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
