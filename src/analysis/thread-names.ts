import type { Source } from './index-records.ts'
import { runtimeRoles, type RuntimeRole } from './runtime-roles.ts'
import { groupOfCreator, groupOfFirst, groupOfName } from './thread-groups.ts'

/** V8's sampling threads, one a profiled isolate: there only because holdup is. */
const PROFILER = /^v8:ProfEvntProc/

const RUNTIME_GROUPS: Readonly<Record<RuntimeRole, string>> = {
  worker: 'Tokio workers',
  'blocking pool': 'Tokio blocking pool',
}

/** What is known of a thread by name and role. */
export interface ThreadRole {
  group: string
  /** Of a Node process: the thread that runs its event loop. */
  nodeMain: boolean
  nodeWorker: boolean
  /** Of an asynchronous runtime such as Tokio. */
  runtimeRole: RuntimeRole | null
  /** Put into the target by holdup. */
  ours: boolean
}

/** `pid/tid`. */
export function threadKey(record: { pid: number; tid: number }): string {
  return `${record.pid}/${record.tid}`
}

/** Names the group of every thread: by the agent where it spoke, else by the thread's own name. */
export function nameThreads(source: Source): (thread: { pid: number; tid: number }) => ThreadRole {
  const node = new Map(source.of('node').map((record) => [threadKey(record), record]))
  const nodePids = new Set(source.of('node').map((record) => record.pid))
  const workerNames = new Map(
    source.of('worker-birth').map(({ pid, worker, name }) => [`${pid} ${worker}`, name ?? '']),
  )
  /** Processes that made workers which the agent of an attach did not come into: they read as the program too. */
  const agents = new Set(source.of('node').map(({ pid, threadId }) => `${pid} ${threadId}`))
  const unknownWorkers = new Set(
    source.of('worker-birth').flatMap(({ pid, worker }) => (agents.has(`${pid} ${worker}`) ? [] : [pid])),
  )
  const names = new Map(source.of('thread').map((record) => [threadKey(record), record.name]))
  const runtime = runtimeRoles(source)
  const creators = new Map(source.of('native-thread').map((record) => [threadKey(record), record.stack]))
  const whole = new Map(source.of('thread-stack').map((record) => [threadKey(record), record.stack]))
  const known = new Map<string, ThreadRole>()
  const role = (thread: { pid: number; tid: number }): ThreadRole => {
    const agent = node.get(threadKey(thread))
    const name = names.get(threadKey(thread)) ?? ''
    const of = { nodeMain: false, nodeWorker: false, runtimeRole: null, ours: false }
    if (agent?.threadId === 0) return { ...of, group: 'main', nodeMain: true }
    if (agent) {
      const name = groupOfName(agent.name ?? workerNames.get(`${agent.pid} ${agent.threadId}`) ?? '')
      return { ...of, group: `workers ${name}`.trim(), nodeWorker: true }
    }
    if (PROFILER.test(name)) return { ...of, group: 'holdup (V8 profiler)', ours: true }
    // Node 20 and 22 name none of their threads: V8's platform workers, libuv's pool and the rest all read as the program.
    if (
      nodePids.has(thread.pid) &&
      (name === '' || name === 'node' || name === names.get(`${thread.pid}/${thread.pid}`))
    ) {
      return {
        ...of,
        group: `node runtime (V8, libuv)${unknownWorkers.has(thread.pid) ? ' and short-lived workers' : ''}`,
      }
    }
    const runtimeRole = runtime.get(threadKey(thread))
    if (runtimeRole) return { ...of, group: RUNTIME_GROUPS[runtimeRole], runtimeRole }
    const unnamed = thread.tid !== thread.pid && name === names.get(`${thread.pid}/${thread.pid}`)
    const key = threadKey(thread)
    const origin = unnamed
      ? (groupOfCreator(source.stack(creators.get(key))) ?? groupOfFirst(source.stack(whole.get(key))))
      : null
    return { ...of, group: origin ?? (groupOfName(name) || `process ${thread.pid}`) }
  }
  return (thread) => {
    const key = threadKey(thread)
    let found = known.get(key)
    if (!found) known.set(key, (found = role(thread)))
    return found
  }
}
