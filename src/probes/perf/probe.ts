import { ModuleCache } from '../../symbols/elf-module.ts'
import { SourceLines } from '../../symbols/source-lines.ts'
import { identifyRuntime, type Runtime } from '../../targets/identify.ts'
import { formatNumber, type Milliseconds, type Seconds } from '../../units.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { PerfRuns } from './perf-runs.ts'
import { ProfiledProcess } from './profiled-process.ts'
import { parseSample } from './sample.ts'
import type { PerfRecord } from './stream.ts'

const PERIOD_MS: Milliseconds = 1000
const LOST = 2
const FORK = 7
const SAMPLE = 9

/** The probe `perf`: where threads of native programs use CPU, by `perf record`. */
export class PerfProbe implements Probe {
  readonly id = 'perf'
  readonly fidelity = 'sampled'
  readonly signals = ['cpuStacks']
  readonly #except: readonly Runtime[]
  readonly #launched: boolean
  readonly #shared = { modules: new ModuleCache(), lines: new SourceLines() }
  readonly #runs = new PerfRuns((record) => this.#take(record))
  /** Processes whose samples are the target's; of these what perf saw begin since the last look, and what all ran when they were listed. */
  readonly #followed = new Set<number>()
  readonly #born = new Set<number>()
  readonly #commands = new Map<number, string>()
  readonly #processes = new Map<number, ProfiledProcess>()
  #context: ProbeContext | null = null
  #timer: NodeJS.Timeout | undefined
  #epoch: Milliseconds = 0
  #recording: Promise<void> = Promise.resolve()
  #lost = 0

  /** `except`: others tell the functions of these. `launched`: its processes are new, and may only be about to become another program. */
  constructor({ except = [], launched = false }: { except?: readonly Runtime[]; launched?: boolean } = {}) {
    this.#except = except
    this.#launched = launched
  }

  get note(): string | undefined {
    if (this.#runs.failure !== null) return `no CPU stacks of native code: ${this.#runs.failure}`
    if (this.#lost === 0) return undefined
    return `perf's buffers were full: ${formatNumber(this.#lost)} of its records are missing, CPU stacks among them`
  }

  start(context: ProbeContext): void {
    this.#context = context
    this.#epoch = Number(process.hrtime.bigint()) / 1e6 - context.now()
    this.#timer = setInterval(() => this.#sweep(), PERIOD_MS).unref()
    this.#sweep()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#runs.end()
    this.#record()
    await this.#recording
    for (const profiled of this.#processes.values()) profiled.close()
    this.#processes.clear()
    this.#context = null
  }

  /** What perf lost is no count that is too low: a sample of CPU time has got smaller. `note` says so. */
  cost(): { cpuSeconds: Seconds; dropped: number } {
    return { cpuSeconds: this.#runs.cpuSeconds, dropped: 0 }
  }

  #sweep(): void {
    this.#follow()
    this.#record()
    // Asked for while they run, for afterwards nobody knows.
    this.cost()
  }

  /** Has processes watched that perf did not see begin; when launched those that have been there for a second. */
  #follow(): void {
    const listed = this.#context?.processes() ?? []
    const live = new Map(listed.map(({ pid, command }) => [pid, command]))
    for (const [pid, profiled] of this.#processes) {
      // Another command is another program, with other code.
      if (live.has(pid) && live.get(pid) === this.#commands.get(pid)) continue
      this.#end(profiled)
    }
    // What is not watched any more is found anew; and a number may go to another process once one has ended.
    for (const pid of this.#runs.check()) this.#followed.delete(pid)
    for (const pid of this.#followed) if (!live.has(pid) && !this.#born.has(pid)) this.#followed.delete(pid)
    this.#born.clear()
    const fresh = listed.filter(({ pid, command }) => {
      const isSettled = !this.#launched || this.#commands.get(pid) === command
      return isSettled && !this.#followed.has(pid) && this.#isOurs(pid, command)
    })
    for (const [pid, command] of live) this.#commands.set(pid, command)
    for (const { pid } of fresh) this.#followed.add(pid)
    if (fresh.length > 0) this.#runs.watch(fresh.map(({ pid }) => pid))
  }

  #isOurs(pid: number, command: string): boolean {
    return this.#except.length === 0 || !this.#except.includes(identifyRuntime(pid, command))
  }

  #take(record: PerfRecord): void {
    if (record.type === FORK) this.#fork(record.body.readInt32LE(0), record.body.readInt32LE(4))
    else if (record.type === LOST) this.#lost += Number(record.body.readBigUInt64LE(8))
    else if (record.type === SAMPLE) this.#sample(record)
  }

  /** A thread begins, or a process: then the two numbers differ. */
  #fork(pid: number, parent: number): void {
    if (pid === parent || !this.#followed.has(parent)) return
    this.#followed.add(pid)
    this.#born.add(pid)
  }

  #sample(record: PerfRecord): void {
    const sample = parseSample(record)
    // perf may watch the whole machine.
    if (!sample || !record.attributes || !this.#followed.has(sample.pid)) return
    let profiled = this.#processes.get(sample.pid)
    if (!profiled) {
      const command = this.#commands.get(sample.pid)
      if (command !== undefined && !this.#isOurs(sample.pid, command)) return
      this.#processes.set(sample.pid, (profiled = new ProfiledProcess(sample.pid, this.#shared)))
    }
    profiled.add(sample, sample.monotonicMs - this.#epoch, record.attributes.periodMs)
  }

  #end(profiled: ProfiledProcess): void {
    this.#processes.delete(profiled.pid)
    this.#commands.delete(profiled.pid)
    this.#write(profiled)
    profiled.close()
  }

  #record(): void {
    for (const profiled of this.#processes.values()) this.#write(profiled)
  }

  #write(profiled: ProfiledProcess): void {
    const { sink, now } = this.#context ?? {}
    if (!sink || !now) return
    const written = profiled.record(now(), sink)
    const earlier = this.#recording
    this.#recording = earlier.then(() => written)
  }
}
