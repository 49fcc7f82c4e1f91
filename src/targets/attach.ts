import { setTimeout as sleep } from 'node:timers/promises'
import { isZombie } from '../probes/proc/stat.ts'
import { send } from './pass-signal.ts'
import { readStat } from './proc-listing.ts'
import { ProcessTree } from './process-tree.ts'
import type { Target } from './target.ts'

const LOOK_EVERY_MS = 200

/** A process that runs already and its children: holdup gives it no signal and leaves it running. */
export async function attachTo(pid: number): Promise<Target> {
  const tree = new ProcessTree(pid)
  const [root] = await tree.refresh()
  return {
    pid,
    command: root?.command ?? `pid ${pid}`,
    tree,
    exited: goneFrom(pid),
    passSignal: () => {},
    terminate: async () => {},
    kill: () => {},
  }
}

/** A pid that is another process' by now counts as gone. */
async function goneFrom(pid: number): Promise<null> {
  const before = readStat(pid)
  const lives = () => {
    const now = readStat(pid)
    return before === null ? send(pid, 0) : now !== null && now.start === before.start && !isZombie(now)
  }
  while (lives()) await sleep(LOOK_EVERY_MS, undefined, { ref: false })
  return null
}
