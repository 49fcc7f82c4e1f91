/**
 * Evaluated in a thread of a process that is running already, through its inspector:
 * `(function holdupAgent(config) { …this bundle… return holdup.attach(config, holdupAgent) })(config)`.
 */
import { threadId } from './builtins.ts'
import { install, installedFor } from './install.ts'
import { reachWorkers } from './reach-workers.ts'
import { stackText } from './stacks.ts'
import type { ThreadAgent } from './thread-agent.ts'
import type { AgentConfig } from './wire.ts'

/** A frame of the target's own: neither Node's, nor ours, nor of a built-in function, which has no file. */
const OWN_FRAME = /^(?!.*\((node|holdup)?:).+$/m

/** What the evaluation answers. */
export interface Attached {
  pid: number
  version: string
  installed: boolean
}

/** Never throws past what it has undone. `self`: the function that this is evaluated in, which goes to the workers as text. */
export function attach(config: AgentConfig, self: (config: AgentConfig) => unknown): Attached {
  const workers = threadId === 0 ? (agent: ThreadAgent) => reachWorkers(agent, String(self)) : undefined
  install({ ...config, interrupts: OWN_FRAME.test(stackText(self)) }, workers)
  return { pid: process.pid, version: process.version, installed: installedFor(config.fifo) }
}
