import { readdirSync } from 'node:fs'
import { readStat } from '../../targets/proc-listing.ts'
import type { Milliseconds } from '../../units.ts'

/** Looking at a process takes 15 µs: of a machine with more of them nobody is named. */
const PROCESSES_AT_MOST = 2000
const NAMED = 3

/** The programs of this machine, other than some processes, that use most CPU. */
export class OtherPrograms {
  #before: { at: Milliseconds; ticks: Map<string, number> } | null = null

  /** Clock ticks since the call before, if that is no more than so long ago, by the name of the program, most first. */
  take(except: ReadonlySet<number>, withinMs: Milliseconds): [name: string, ticks: number][] {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
    const at = performance.now()
    const ticks = new Map<string, number>()
    const used = new Map<string, number>()
    const before = this.#before && at - this.#before.at <= withinMs ? this.#before.ticks : null
    for (const pid of pids.length > PROCESSES_AT_MOST ? [] : pids) {
      const stat = except.has(pid) ? null : readStat(pid)
      if (!stat) continue
      const key = `${pid} ${stat.start}`
      ticks.set(key, stat.cpuTicks)
      const grown = stat.cpuTicks - (before?.get(key) ?? stat.cpuTicks)
      if (grown > 0) used.set(stat.comm, (used.get(stat.comm) ?? 0) + grown)
    }
    this.#before = { at, ticks }
    return [...used].toSorted((a, b) => b[1] - a[1]).slice(0, NAMED)
  }
}
