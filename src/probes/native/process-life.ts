import { readFileSync } from 'node:fs'
import { isZombie, parseStat, type ProcStat } from '../proc/stat.ts'

/** Whether a process still is the one that had this pid, and does anything yet. */
export class ProcessLife {
  readonly #pid: number
  readonly #start: number | undefined

  constructor(pid: number) {
    this.#pid = pid
    this.#start = statOf(pid)?.start
  }

  /** False when it has ended, collected by its parent or not, also where another process has its pid by now. */
  goesOn(): boolean {
    const stat = statOf(this.#pid)
    return stat !== null && stat.start === this.#start && !isZombie(stat)
  }
}

function statOf(pid: number): ProcStat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return null
  }
}
