import { execFileSync } from 'node:child_process'
import { isatty } from 'node:tty'
import { procAvailable } from '../probes/proc/available.ts'
import { readStat } from './proc-listing.ts'

interface Terminal {
  /** Whether holdup has a controlling terminal. */
  controlling: boolean
  /** Whether holdup's process group is the one in the terminal's foreground. */
  foreground: boolean
}

/**
 * Whether a target started now is to share holdup's process group: its stdin is the terminal, which only lets processes
 * of the session's own groups read it, stop with Ctrl-Z and come back with `fg`.
 */
export function sharesTerminal(): boolean {
  return isatty(0) && lookAtTerminal().controlling
}

/** How holdup stands to its controlling terminal at this moment. */
export function lookAtTerminal(): Terminal {
  if (!procAvailable()) return askPs()
  const stat = readStat('self')
  if (stat === null) return { controlling: false, foreground: false }
  return { controlling: stat.terminal !== 0, foreground: stat.foreground === stat.pgrp }
}

function askPs(): Terminal {
  try {
    const out = execFileSync('ps', ['-o', 'pgid=,tpgid=,tty=', '-p', String(process.pid)], { encoding: 'utf8' })
    const [pgrp, foreground, tty] = out.trim().split(/\s+/)
    return { controlling: tty !== undefined && !/^[?-]/.test(tty), foreground: pgrp === foreground }
  } catch {
    return { controlling: isatty(0), foreground: isatty(0) }
  }
}
