import type { Source } from './index-records.ts'
import { threadKey } from './thread-names.ts'
import { toldByRuntime } from './told-by-runtime.ts'

const EPOLL = /^epoll_/
/** Any thread of Go's polls when it has nothing else to do, and another takes the place of one that blocks. */
const GO = /^runtime\.netpoll\b/

/**
 * Threads by `pid/tid` that are the one event loop of their process, as those of Python's asyncio, libuv, libevent or Boost.Asio
 * on one thread: the only one that waits in epoll, of a process that listens. Node's own are not among them, nor what a runtime shares among its threads.
 */
export function singleLoops(source: Source): ReadonlySet<string> {
  const apart = new Set([...source.of('node').map(({ pid }) => pid), ...toldByRuntime(source).keys()])
  const pollers = new Map<number, Set<string>>()
  const polls = (pid: number, tid: number) => {
    if (!apart.has(pid)) pollers.set(pid, (pollers.get(pid) ?? new Set()).add(threadKey({ pid, tid })))
  }
  for (const { pid, tid, poll, turns } of source.of('native-loop')) if (poll === 'epoll' && turns > 0) polls(pid, tid)
  for (const { pid, wait, stack, tids } of source.of('blocked')) {
    if (!EPOLL.test(source.text(wait))) continue
    if (source.stack(stack).some((frame) => GO.test(frame))) apart.add(pid)
    else for (const tid of tids) polls(pid, tid)
  }
  const listen = new Set(source.of('listener').map(({ pid }) => pid))
  return new Set(
    [...pollers].flatMap(([pid, threads]) =>
      threads.size === 1 && !apart.has(pid) && listen.has(pid) ? [...threads] : [],
    ),
  )
}
