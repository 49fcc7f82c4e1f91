import type { Milliseconds } from '../../units.ts'

/** What some cores have done since the machine began, added up. */
export interface CoreTimes {
  cores: number
  /** In processes and the kernel's threads; what interrupts take is nobody's, and in none of these. */
  busyMs: Milliseconds
  /** Waiting for a disk is idle too. */
  idleMs: Milliseconds
  /** A hypervisor gave them to others. */
  stealMs: Milliseconds
}

/** Reads the lines `cpu0` … of /proc/stat, proc_stat(5), for the given cores. */
export function parseCoreTimes(text: string, allowed: ReadonlySet<number>, tickMs: Milliseconds): CoreTimes {
  const sum: CoreTimes = { cores: 0, busyMs: 0, idleMs: 0, stealMs: 0 }
  for (const [, core, times = ''] of text.matchAll(/^cpu(\d+) (.*)$/gm)) {
    if (!allowed.has(Number(core))) continue
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, , , steal = 0] = times.trim().split(' ').map(Number)
    sum.cores++
    // The time of guests is in user and nice.
    sum.busyMs += (user + nice + system) * tickMs
    sum.idleMs += (idle + iowait) * tickMs
    sum.stealMs += steal * tickMs
  }
  return sum
}

/** The cores that a process may run on, by its /proc/PID/status: `Cpus_allowed_list:	0-3,8`. */
export function parseAllowedCores(status: string): Set<number> {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''
  const cores = new Set<number>()
  for (const part of list.split(',')) {
    const [first = NaN, last = first] = part.split('-').map(Number)
    for (let core = first; core <= last; core++) cores.add(core)
  }
  return cores
}
