import pidusage from 'pidusage'
import type { Milliseconds, Seconds } from '../units.ts'
import type { Probe, ProbeContext } from './probe.ts'
import { procAvailable } from './proc/available.ts'

/** `ps` costs a process each time, and on Linux tells CPU time in whole seconds; where /proc is, the probe `proc` is finer. */
const READ_EVERY_MS = 1000
const ALL_GONE = /no matching pid/i
const US_PER_SECOND = 1e6

interface Reading {
  at: Milliseconds
  /** User and system time so far. */
  cpuMs: Milliseconds
}

/** The probe `pidusage`: CPU and memory of each process of the target, on any system. */
export class PidusageProbe implements Probe {
  readonly id = 'pidusage'
  readonly fidelity = 'sampled'
  readonly signals = ['cpu', 'memory']
  readonly #usePs = !procAvailable()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #reading: Promise<void> = Promise.resolve()
  #last = new Map<number, Reading>()
  #cpuSeconds: Seconds = 0
  #dropped = 0

  start(context: ProbeContext): void {
    this.#next(context, 0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#reading
    // It keeps a file of each process open, and a timer.
    pidusage.clear()
  }

  /** An upper bound: what holdup did besides while a reading was under way counts too, and for `ps` its whole time. */
  cost(): { cpuSeconds: Seconds; dropped: number } {
    return { cpuSeconds: this.#cpuSeconds, dropped: this.#dropped }
  }

  #next(context: ProbeContext, delayMs: Milliseconds): void {
    this.#timer = setTimeout(() => {
      this.#reading = this.#tick(context)
    }, delayMs)
  }

  async #tick(context: ProbeContext): Promise<void> {
    const begun = performance.now()
    await this.#read(context)
    if (!this.#stopped) this.#next(context, Math.max(0, READ_EVERY_MS - (performance.now() - begun)))
  }

  async #read(context: ProbeContext): Promise<void> {
    const pids = context.processes().map(({ pid }) => pid)
    if (pids.length === 0) return
    const begun = performance.now()
    const before = process.cpuUsage()
    try {
      this.#add(context, await pidusage(pids, { usePs: this.#usePs }))
    } catch (error) {
      if (!ALL_GONE.test(String(error))) this.#dropped++
    }
    const { user, system } = process.cpuUsage(before)
    this.#cpuSeconds += this.#usePs ? (performance.now() - begun) / 1000 : (user + system) / US_PER_SECOND
  }

  #add(context: ProbeContext, stats: Record<string, pidusage.Status | undefined>): void {
    const t = context.now()
    const readings = new Map<number, Reading>()
    for (const status of Object.values(stats)) {
      if (!status) continue
      const { pid, ctime: cpuMs, memory } = status
      const last = this.#last.get(pid)
      readings.set(pid, { at: t, cpuMs })
      // Its own `cpu` is 0 at first and goes by a clock as coarse as its CPU times; a smaller time is another process.
      if (!last || cpuMs < last.cpuMs || t <= last.at) continue
      context.sink.add({ k: 'usage', t, pid, cpu: round((cpuMs - last.cpuMs) / (t - last.at)), rss: memory })
    }
    this.#last = readings
  }
}

function round(cores: number): number {
  return Math.round(cores * 1000) / 1000
}
