/** Preloaded into every thread of every Node process of the target: `NODE_OPTIONS=--require agent.cjs`. */
import { watchAtomics } from './atomics.ts'
import { basename, isMainThread, threadId } from './builtins.ts'
import { watchChildren } from './children.ts'
import { now } from './clock.ts'
import { watchGc } from './gc.ts'
import { watchHttp } from './http.ts'
import { watchLoop } from './loop.ts'
import { watchCpu } from './profiler.ts'
import { watchPromiseLocks } from './promise-locks.ts'
import { ThreadAgent } from './thread-agent.ts'
import { CONFIG_VARIABLE } from './wire.ts'
import type { AgentConfig } from './wire.ts'
import { watchWorkers } from './workers.ts'

/** Launchers that only start the server: not worth a profile, and their own requests and timers are not the target's. */
const LAUNCHERS = /^(npm|npx|pnpm|yarn|corepack)(-cli)?(\.c?js)?$/
const LOADED = Symbol.for('holdup.agent')

function install(): void {
  const text = process.env[CONFIG_VARIABLE]
  // A thread is reached in several ways (NODE_OPTIONS, inherited options): the first one wins.
  if (!text || LOADED in globalThis) return
  Object.defineProperty(globalThis, LOADED, { value: true })
  if (isMainThread && LAUNCHERS.test(basename(process.argv[1] ?? ''))) return
  const agent = new ThreadAgent(JSON.parse(text) as AgentConfig)
  // First, for starting V8's profiler stalls the thread: later instruments must not see it.
  agent.add(watchCpu(agent))
  agent.add(watchAtomics(agent))
  agent.add(watchHttp())
  agent.add(watchWorkers(agent))
  agent.add(watchChildren(agent))
  agent.add(watchPromiseLocks(agent))
  agent.add(watchGc())
  agent.add(watchLoop(agent))
  agent.push({ k: 'node', t: now(), version: process.version, threadId })
  agent.flush(now(), [])
  const finish = () => agent.finish()
  process.once('exit', finish)
  agent.add({ uninstall: () => void process.off('exit', finish) })
}

try {
  install()
} catch {
  // No holdup at the other end, no permission, an unknown Node: the target runs as if nothing had been asked.
}
