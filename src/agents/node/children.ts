import type { ChildProcess } from 'node:child_process'
import { basename, subscribe, unsubscribe } from './builtins.ts'
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

/** Processes that this thread spawns (asynchronously: the channel doesn't tell of spawnSync). */
export function watchChildren(agent: ThreadAgent): Instrument {
  const born: { child: ChildProcess; t: number; stack: number | undefined }[] = []
  const onChild = agent.guard((message: unknown) => {
    const t = now()
    born.push({ child: (message as { process: ChildProcess }).process, t, stack: agent.captureStack(onChild) })
  })
  subscribe('child_process', onChild)
  return {
    flush(_t, out) {
      // The pid exists only after the channel has spoken. Of the command its name alone: arguments can hold secrets.
      for (const { child, t, stack } of born.splice(0)) {
        if (child.pid === undefined) continue
        const of = stack === undefined ? {} : { stack }
        out.push({ k: 'child', t, child: child.pid, command: basename(child.spawnfile), ...of })
      }
    },
    uninstall: () => unsubscribe('child_process', onChild),
  }
}
