/** Control groups with a CPU limit, where this machine lets a test make one. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuGroups } from '../../src/probes/proc/cgroup-path.ts'

const PERIOD_US = 100_000

export interface CpuGroup {
  path: string
  /** Shell words that move the shell into it. */
  enter: string
  /** Once all in it have ended. */
  remove: () => Promise<void>
}

let made = 0

/** A group of so many cores; null where none can be made: no root, or a file system that is read-only. */
export function makeCpuGroup(cores: number): CpuGroup | null {
  const top = cpuGroups(process.pid).at(-1)
  if (!top) return null
  const path = join(top.path, `holdup-test-${process.pid}-${made++}`)
  try {
    if (!top.v1) writeFileSync(join(top.path, 'cgroup.subtree_control'), '+cpu')
    mkdirSync(path)
    if (top.v1) writeFileSync(join(path, 'cpu.cfs_quota_us'), String(cores * PERIOD_US))
    else writeFileSync(join(path, 'cpu.max'), `${cores * PERIOD_US} ${PERIOD_US}`)
  } catch {
    if (existsSync(path)) rmdirSync(path)
    return null
  }
  return { path, enter: `echo $$ > ${path}/cgroup.procs`, remove: () => remove(path) }
}

async function remove(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return rmdirSync(path)
    } catch {
      await sleep(50)
    }
  }
}
