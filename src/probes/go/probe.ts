import { readlinkSync } from 'node:fs'
import { identifyRuntime } from '../../targets/identify.ts'
import { portsByProcess } from '../../targets/listening-sockets.ts'
import type { Milliseconds, Seconds } from '../../units.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { PprofEndpoint } from './endpoint.ts'
import { GoProcess } from './go-process.ts'

const LOOK_EVERY_MS: Milliseconds = 1000
const PROCESSES_AT_MOST = 8

/**
 * The probe `go`: what goroutines wait for, by the program's own /debug/pprof, if it serves one on a port of its own: sampled, some four times
 * a second and for at most a hundredth of the time. With the mutex profile on, also where locks are given back.
 */
export class GoProbe implements Probe {
  readonly id = 'go'
  readonly fidelity = 'sampled'
  readonly signals = ['lockWait']
  readonly #processes = new Map<number, GoProcess>()
  /** Go programs, and their ports that were asked. */
  readonly #asked = new Map<number, Set<number>>()
  readonly #others = new Set<string>()
  #context: ProbeContext | null = null
  #looking: NodeJS.Timeout | undefined
  #busy: Promise<void> = Promise.resolve()
  #cpuUs = 0

  get note(): string | undefined {
    const silent = [...this.#asked.keys()].filter((pid) => !this.#processes.has(pid))
    const without = silent.map(
      (pid) =>
        `of the Go program ${pid} no locks, for it serves no /debug/pprof on a port of its own: import _ "net/http/pprof"`,
    )
    const dim = [...this.#processes].flatMap(([pid, { hasMutexProfile }]) =>
      hasMutexProfile
        ? []
        : [`where the Go program ${pid} gives locks back is not known: runtime.SetMutexProfileFraction(100)`],
    )
    return [...without, ...dim].join('; ') || undefined
  }

  /** Resolves when the programs that there are have been asked. */
  async start(context: ProbeContext): Promise<void> {
    this.#context = context
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
    this.#look()
    await this.#busy
  }

  /** Asks for the last time, while the programs are there. */
  async drain(): Promise<void> {
    clearInterval(this.#looking)
    await this.#busy
    await Promise.all([...this.#processes.values()].map((process) => process.end()))
  }

  async stop(): Promise<void> {
    await this.drain()
    this.#context = null
  }

  cost(): { cpuSeconds: Seconds; dropped: number } {
    const own = [...this.#processes.values()].reduce((sum, { cpuUs }) => sum + cpuUs, this.#cpuUs)
    return { cpuSeconds: own / 1e6, dropped: 0 }
  }

  #look(): void {
    const earlier = this.#busy
    this.#busy = earlier.then(() => this.#lookAtAll()).catch(() => undefined)
  }

  async #lookAtAll(): Promise<void> {
    const before = process.cpuUsage()
    const listed = this.#context?.processes() ?? []
    const fresh = listed.filter(({ pid, command }) => !this.#processes.has(pid) && this.#isGo(pid, command))
    const ports = portsByProcess(fresh.map(({ pid }) => pid).filter(isNear))
    const { user, system } = process.cpuUsage(before)
    this.#cpuUs += user + system
    for (const [pid, own] of ports) await this.#ask(pid, own)
  }

  async #ask(pid: number, ports: readonly number[]): Promise<void> {
    const asked = this.#asked.get(pid) ?? new Set<number>()
    for (const port of ports) {
      const { sink, now } = this.#context ?? {}
      if (asked.has(port) || this.#processes.has(pid) || !sink || !now) continue
      if (this.#processes.size >= PROCESSES_AT_MOST) return
      asked.add(port)
      const endpoint = new PprofEndpoint(port)
      if (await endpoint.answers()) {
        const found = new GoProcess(pid, endpoint, { sink, now })
        this.#processes.set(pid, found)
        await found.begin()
      } else endpoint.close()
    }
  }

  #isGo(pid: number, command: string): boolean {
    if (this.#asked.has(pid)) return true
    const key = `${pid} ${command}`
    if (this.#others.has(key)) return false
    const isGo = identifyRuntime(pid, command) === 'go'
    if (isGo) this.#asked.set(pid, new Set())
    else this.#others.add(key)
    return isGo
  }
}

/** Its loopback is holdup's too. */
function isNear(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')
  } catch {
    return false
  }
}
