import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../units.ts'
import { type Reached, send } from './pass-signal.ts'
import type { ProcessTree } from './process-tree.ts'

/** Time for a wrapper such as npm to pass SIGTERM on by itself, and for the children that got it to go. */
const FORWARD_MS = 300
const LOOK_EVERY_MS = 100
/** A killed process that is still there then hangs in the kernel; waiting longer would not help. */
const KILLED_WITHIN_MS = 2000

/** What the target was told before. */
export interface ToldBefore {
  /** Whom a signal that asks to end has reached. */
  reached: Reached
  /** The root got SIGTERM. */
  terminated: boolean
}

/**
 * Ends a tree: SIGTERM to its root, then to each process whose parent died without passing it on, and after the grace
 * SIGKILL to whatever is left. Whoever was told to end before gets half of the grace to do so undisturbed.
 * Resolves when none is left, or none that can be killed.
 */
export async function terminate(tree: ProcessTree, graceMs: Milliseconds, told: ToldBefore): Promise<void> {
  const begun = performance.now()
  const terminated = new Set<number>()
  const once = (pid: number) => {
    if (!terminated.has(pid)) send(pid, 'SIGTERM')
    terminated.add(pid)
  }
  if (told.terminated) terminated.add(tree.root)
  const rootFrom = told.reached === 'nobody' ? 0 : graceMs / 2
  const orphansFrom = told.reached === 'group' ? graceMs / 2 : 0
  const orphanSince = new Map<number, Milliseconds>()

  for (;;) {
    const live = await tree.refresh()
    if (live.length === 0) return
    const elapsed = performance.now() - begun
    if (elapsed >= graceMs) break
    const pids = new Set(live.map(({ pid }) => pid))
    for (const { pid, ppid } of live) {
      if (pid === tree.root) {
        if (elapsed >= rootFrom) once(pid)
      } else if (!pids.has(ppid)) {
        const since = orphanSince.get(pid) ?? elapsed
        orphanSince.set(pid, since)
        if (elapsed >= orphansFrom && elapsed - since >= FORWARD_MS) once(pid)
      }
    }
    await sleep(LOOK_EVERY_MS)
  }
  await killAll(tree)
}

async function killAll(tree: ProcessTree): Promise<void> {
  const until = performance.now() + KILLED_WITHIN_MS
  while (performance.now() < until) {
    // Again each time: a process may have forked between the look and the kill.
    const live = await tree.refresh()
    if (live.length === 0) return
    for (const { pid } of live) send(pid, 'SIGKILL')
    await sleep(LOOK_EVERY_MS)
  }
}
