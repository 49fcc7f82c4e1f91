import type { Milliseconds } from '../units.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'

/** What a thread of an asynchronous runtime is for. */
export type RuntimeRole = 'worker' | 'blocking pool'

/**
 * Tokio names the threads of its blocking pool as its workers, and starts these in that pool: the function nearest to the
 * leaf tells. (tokio::runtime::scheduler, tokio::runtime::blocking; the names before 1.29 too.)
 */
const WORKER = /\btokio::runtime::(scheduler::(multi_thread(_alt)?::worker|current_thread)|thread_pool::worker)\b/
const POOL = /\btokio::runtime::blocking::(pool|task)\b/

/** One of a runtime of its own: nobody takes its tasks while it is in one. */
const ALONE = /\btokio::runtime::scheduler::current_thread\b/

export function runsAlone(stack: readonly string[]): boolean {
  return stack.some((frame) => ALONE.test(frame))
}

/** The role that a stack shows, leaf first; null where none. */
export function roleInStack(stack: readonly string[]): RuntimeRole | null {
  for (const frame of stack) {
    if (WORKER.test(frame)) return 'worker'
    if (POOL.test(frame)) return 'blocking pool'
  }
  return null
}

/** Roles of threads by `pid/tid`: by a whole stack of theirs, else by what they were seen in for the longest time. */
export function runtimeRoles(source: Source): ReadonlyMap<string, RuntimeRole> {
  const seen = new Map<string, Map<RuntimeRole, Milliseconds>>()
  for (const [stack, records] of groupBy(source.of('blocked'), (record) => record.stack)) {
    const role = roleInStack(source.stack(stack))
    if (role === null) continue
    for (const { pid, tids, ms } of records) {
      for (const tid of tids) {
        const roles = seen.get(`${pid}/${tid}`) ?? new Map<RuntimeRole, Milliseconds>()
        roles.set(role, (roles.get(role) ?? 0) + ms / tids.length)
        seen.set(`${pid}/${tid}`, roles)
      }
    }
  }
  const roles = new Map<string, RuntimeRole>()
  for (const [key, times] of seen) {
    const [longest] = [...times].toSorted((a, b) => b[1] - a[1])
    if (longest) roles.set(key, longest[0])
  }
  for (const { pid, tid, stack } of source.of('thread-stack')) {
    const role = roleInStack(source.stack(stack))
    if (role !== null) roles.set(`${pid}/${tid}`, role)
  }
  return roles
}
