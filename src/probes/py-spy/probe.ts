import { existsSync } from 'node:fs'
import { identifyRuntime } from '../../targets/identify.ts'
import type { Milliseconds, Seconds } from '../../units.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { PySpyProcess } from './py-spy-process.ts'

const LOOK_EVERY_MS: Milliseconds = 500
/** A server of more workers does the same in each. */
const PROCESSES_AT_MOST = 8

/** The probe `py-spy`: where threads of Python programs use CPU, in Python's own functions, by py-spy on each process. */
export class PySpyProbe implements Probe {
  readonly id = 'py-spy'
  readonly fidelity = 'sampled'
  readonly signals = ['cpuStacks']
  readonly #processes = new Map<number, PySpyProcess>()
  readonly #others = new Set<string>()
  #context: ProbeContext | null = null
  #looking: NodeJS.Timeout | undefined

  get note(): string | undefined {
    const failed = [...this.#processes].find(([, { failure }]) => failure !== null)
    // One that has ended by itself is no failure.
    if (!failed || !existsSync(`/proc/${failed[0]}`)) return undefined
    return `no CPU stacks of the Python program ${failed[0]}: ${failed[1].failure ?? ''}`
  }

  start(context: ProbeContext): void {
    this.#context = context
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
    this.#look()
  }

  async stop(): Promise<void> {
    clearInterval(this.#looking)
    await Promise.all([...this.#processes.values()].map((process) => process.end()))
    this.#context = null
  }

  cost(): { cpuSeconds: Seconds; dropped: number } {
    const spent = [...this.#processes.values()].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
    return { cpuSeconds: spent, dropped: 0 }
  }

  #look(): void {
    const context = this.#context
    if (!context) return
    // While they run.
    this.cost()
    for (const { pid, command } of context.processes()) {
      if (this.#processes.has(pid) || this.#processes.size >= PROCESSES_AT_MOST) continue
      const key = `${pid} ${command}`
      if (this.#others.has(key)) continue
      if (identifyRuntime(pid, command) === 'python') this.#processes.set(pid, new PySpyProcess(pid, context))
      else this.#others.add(key)
    }
  }
}
