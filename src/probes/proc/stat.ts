/** /proc/PID/stat and /proc/PID/task/TID/stat, as proc_pid_stat(5) describes them. */

/** Fields after `comm` up to the last that is read here. */
const FIELDS = 22

/** One process' or thread's stat line; times in clock ticks. */
export interface ProcStat {
  comm: string
  /** `R`, `S`, `D`, `T`, `Z` … */
  state: string
  ppid: number
  pgrp: number
  session: number
  /** Device number of the controlling terminal, 0 without one. */
  terminal: number
  /** Foreground process group of that terminal, -1 without one. */
  foreground: number
  cpuTicks: number
  /** Of children that it has waited for, and of theirs. */
  collectedTicks: number
  threads: number
  /** Ticks from boot to its start: with the pid it names a process for good. */
  start: number
  rssPages: number
}

/** Reads a stat line; `comm` may itself hold spaces and brackets, so the last bracket ends it. */
export function parseStat(line: string): ProcStat {
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  const fields = line.slice(close + 2).split(' ', FIELDS)
  const field = (number: number) => Number(fields[number - 3])
  return {
    comm: line.slice(open + 1, close),
    state: fields[0] ?? '?',
    ppid: field(4),
    pgrp: field(5),
    session: field(6),
    terminal: field(7),
    foreground: field(8),
    cpuTicks: field(14) + field(15),
    collectedTicks: field(16) + field(17),
    threads: field(20),
    start: field(22),
    rssPages: field(24),
  }
}

/** Dead and only waiting for its parent to collect it (a dead leader whose threads still run is not). */
export function isZombie(stat: ProcStat): boolean {
  return stat.state === 'X' || (stat.state === 'Z' && stat.threads <= 1)
}
