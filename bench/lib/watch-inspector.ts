import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../../src/load/messages.ts'
import { listeningSockets, socketInodes } from '../../src/targets/listening-sockets.ts'
import type { Milliseconds } from '../../src/units.ts'

const LOOK_EVERY_MS = 1

/** When a process listened on one socket more, on CLOCK_MONOTONIC. */
export interface Opening {
  openedAt: Milliseconds
  closedAt: Milliseconds
}

/** Watches for a listening socket of the process that was not there, until it is gone again; null when none came. */
export async function watchInspector(pid: number, isOver: () => boolean): Promise<Opening | null> {
  const before = listeningSockets(pid)
  const isFresh = (inode: string) => !before.has(inode) && socketInodes(pid).includes(inode)
  let open: { inode: string; at: Milliseconds } | undefined
  while (!isOver()) {
    const sockets = listeningSockets(pid)
    const at = monotonicMs()
    if (open && !sockets.has(open.inode)) return { openedAt: open.at, closedAt: at }
    const inode = open ? undefined : [...sockets.keys()].find(isFresh)
    if (inode !== undefined) open = { inode, at }
    await sleep(LOOK_EVERY_MS)
  }
  return open ? { openedAt: open.at, closedAt: Infinity } : null
}
