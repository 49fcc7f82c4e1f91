/**
 * Evaluated in a thread of a process that is running already, through its inspector:
 * `(function holdupAgent(config) { …this bundle… return holdup.attach(config, holdupAgent) })(config)`.
 */
import { inspector, threadId } from './builtins.ts'
import { install, installedFor } from './install.ts'
import { reachWorkers } from './reach-workers.ts'
import type { AgentConfig } from './wire.ts'

/** Past the answer to the evaluation, so that the connection is gone: closing waits for it. */
const CLOSE_AFTER_MS = 20

/** What the evaluation answers. */
export interface Attached {
  pid: number
  version: string
  installed: boolean
}

/** Never throws past what it has undone. `self`: the function that this is evaluated in, which goes to the workers as text. */
export function attach(config: AgentConfig, self: (config: AgentConfig) => unknown): Attached {
  if (config.closesInspector) setTimeout(() => inspector().close(), CLOSE_AFTER_MS).unref()
  const agent = install(config)
  if (agent && threadId === 0) agent.add(reachWorkers(agent, String(self)))
  return { pid: process.pid, version: process.version, installed: installedFor(config.fifo) }
}
