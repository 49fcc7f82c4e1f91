import { readdirSync } from 'node:fs'
import { isZombie } from '../probes/proc/stat.ts'
import { readArgv, readStat } from './proc-listing.ts'

/** A living process as it would be told by what it runs. */
export interface RunningProcess {
  pid: number
  ppid: number
  /** Ticks from boot to its start. */
  start: number
  comm: string
  /** Its command line, with whatever secrets it holds: for matching, never for showing. */
  argv: readonly string[]
}

/** Every process that /proc shows here, without kernel threads and zombies, by pid. Needs `procAvailable()`. */
export function runningProcesses(): Map<number, RunningProcess> {
  const running = new Map<number, RunningProcess>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? readStat(pid) : null
    if (stat === null || isZombie(stat)) continue
    const argv = readArgv(pid)
    // A kernel thread has no memory of its own.
    if (argv.length === 0 && stat.rssPages === 0) continue
    running.set(pid, { pid, ppid: stat.ppid, start: stat.start, comm: stat.comm, argv })
  }
  return running
}

/** Whether /proc is mounted so that it hides other users' processes from this one (hidepid): init is one of those. */
export function othersHidden(): boolean {
  return readStat(1) === null
}

/** The pids above a process, its parent first. */
export function ancestors(pid: number, running: ReadonlyMap<number, RunningProcess>): number[] {
  const above: number[] = []
  for (let at = running.get(pid)?.ppid; at !== undefined && at > 0; at = running.get(at)?.ppid) {
    // Read one by one, what with reused pids could go round in a circle.
    if (above.includes(at)) break
    above.push(at)
  }
  return above
}
