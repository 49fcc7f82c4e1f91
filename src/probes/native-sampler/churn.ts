import { existsSync, readFileSync } from 'node:fs'
import type { Milliseconds } from '../../units.ts'
import { kernelUnits } from '../proc/auxv.ts'
import { parseStat } from '../proc/stat.ts'

/** Where the kernel begins anew once it has given out its highest id (RESERVED_PIDS). */
const FIRST_ID = 300

/** What can be known from outside of threads that come and go between two looks. */
export interface ChurnSeen {
  /**
   * CPU of the process since the last time, and what of it no live thread accounts for: off by a clock tick either way, so that it can
   * be below 0; over several records that evens out.
   */
  cpuMs: Milliseconds
  deadCpuMs: Milliseconds
  /** Processes and threads that began meanwhile in holdup's pid namespace, the process' own and others: an upper bound. */
  begun: number
  /** Times that the newest of them was looked up, and of these how often it was the process', and another's. */
  probes: number
  ours: number
  others: number
  /** Of the others: the process' children. */
  children: number
}

/**
 * Threads of one process that are too short-lived to be listed, by what they leave behind: CPU time, and their part in
 * the ids that the kernel gave out one after the other, of which the last is looked up at each sweep.
 */
export class Churn {
  readonly #pid: number
  readonly #tickMs = kernelUnits().tickMs
  readonly #idsInAll = Number(read('/proc/sys/kernel/pid_max') ?? 32_768) - FIRST_ID
  #cpuMs: Milliseconds | null = null
  #newest: number | null = null
  #counts = { begun: 0, probes: 0, ours: 0, others: 0, children: 0 }

  constructor(pid: number) {
    this.#pid = pid
  }

  /** Looks up whose the newest thread is, of this id; it may be gone already. */
  sample(newest: number): void {
    const before = this.#newest
    if (!(newest > 0) || newest === before) return
    this.#newest = newest
    if (before === null) return
    this.#counts.begun += newest > before ? newest - before : newest - before + this.#idsInAll
    this.#counts.probes++
    if (existsSync(`/proc/${this.#pid}/task/${newest}`)) {
      this.#counts.ours++
      return
    }
    const line = read(`/proc/${newest}/stat`)
    if (line === null) return
    this.#counts.others++
    if (parseStat(line).ppid === this.#pid) this.#counts.children++
  }

  /** @param liveCpuMs what the live threads used since the last call; null where that is not known, as at the first. */
  take(liveCpuMs: Milliseconds | null): ChurnSeen | null {
    const line = read(`/proc/${this.#pid}/stat`)
    if (line === null) return null
    const cpuMs = parseStat(line).cpuTicks * this.#tickMs
    const before = this.#cpuMs
    const counts = this.#counts
    this.#cpuMs = cpuMs
    this.#counts = { begun: 0, probes: 0, ours: 0, others: 0, children: 0 }
    if (liveCpuMs === null || before === null) return null
    return { cpuMs: cpuMs - before, deadCpuMs: cpuMs - before - liveCpuMs, ...counts }
  }
}

/** Id of the process or thread that began last in holdup's pid namespace (proc_loadavg(5)); NaN where the kernel does not say. */
export function newestId(): number {
  return Number(read('/proc/loadavg')?.trim().split(' ').at(-1))
}

function read(path: string): string | null {
  try {
    const text = readFileSync(path, 'latin1')
    return text.length > 0 ? text : null
  } catch {
    return null
  }
}
