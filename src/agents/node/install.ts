import { watchAtomics } from './atomics.ts'
import { threadId } from './builtins.ts'
import { isRead } from './channel.ts'
import { watchChildren } from './children.ts'
import { now } from './clock.ts'
import { watchGc } from './gc.ts'
import { watchHttp } from './http.ts'
import { keepBeat, watchLoop } from './loop.ts'
import { watchPool } from './pool.ts'
import { watchCpu } from './profiler.ts'
import { watchPromiseLocks } from './promise-locks.ts'
import { type Instrument, ThreadAgent } from './thread-agent.ts'
import type { AgentConfig } from './wire.ts'
import { watchWorkers } from './workers.ts'

/** Where a thread's agent can be found from outside of it, while there is one. */
const AGENT = Symbol.for('holdup.agent')

/** What can be reached from outside. */
interface Handle {
  fifo: string
  finish(): void
}

/**
 * Instruments this thread; null where it is already. All or nothing: what it had done when something fails is undone.
 * `first`: what the other instruments are to find there. Throws when holdup is not there, or this Node is not known well enough.
 */
export function install(config: AgentConfig, first?: (agent: ThreadAgent) => Instrument): ThreadAgent | null {
  // A thread is reached in several ways (NODE_OPTIONS, inherited options): the first one wins.
  const realm = globalThis as { [AGENT]?: Handle }
  const there = realm[AGENT]
  if (there && isRead(there.fifo)) return null
  there?.finish()
  let agent: ThreadAgent | undefined
  let isOver = false
  const finish = () => {
    isOver = true
    agent?.finish()
  }
  // At each call another evaluation may interrupt this one: between the last look and the claim there is none.
  if (realm[AGENT]) return null
  realm[AGENT] = { fifo: config.fifo, finish }
  try {
    agent = new ThreadAgent(config)
    Object.defineProperty(realm, AGENT, { enumerable: false })
    agent.add({ uninstall: () => void Reflect.deleteProperty(realm, AGENT) })
    if (isOver) agent.finish()
    if (first) agent.add(first(agent))
    // Before all that measures, for starting V8's profiler stalls the thread: later instruments must not see it.
    agent.add(watchCpu(agent))
    agent.add(watchAtomics(agent))
    agent.add(watchHttp(agent))
    agent.add(watchWorkers(agent))
    agent.add(watchChildren(agent))
    agent.add(watchPromiseLocks(agent))
    agent.add(watchGc(agent))
    agent.add(agent.isMain ? watchLoop(agent) : keepBeat(agent))
    if (agent.isMain) agent.add(watchPool(agent))
    const { workerName } = config
    agent.push({ k: 'node', t: now(), version: process.version, threadId, ...(workerName && { name: workerName }) })
    agent.flush(now(), [])
    addExitListener(finish)
    agent.add({ uninstall: () => void process.off('exit', finish) })
  } catch (error) {
    if (agent) agent.uninstall()
    else Reflect.deleteProperty(realm, AGENT)
    throw error
  }
  return agent
}

/** Whether the agent in this thread, if there is one, reports to this FIFO. */
export function installedFor(fifo: string): boolean {
  return (globalThis as { [AGENT]?: Handle })[AGENT]?.fifo === fifo
}

/** Node would warn of one too many, where the target has as many as are usual. */
function addExitListener(listener: () => void): void {
  const emitter = process as unknown as { _maxListeners: number | undefined }
  const most = emitter._maxListeners
  process.setMaxListeners(0).once('exit', listener)
  emitter._maxListeners = most
}
