import { availableParallelism } from 'node:os'
import { ModuleCache } from '../../symbols/elf-module.ts'
import { SourceLines } from '../../symbols/source-lines.ts'
import { identifyRuntime } from '../../targets/identify.ts'
import { formatNumber, type Milliseconds, type Seconds } from '../../units.ts'
import type { Probe, ProbeContext } from '../probe.ts'
import { PerfProcess } from './perf-process.ts'
import { ProfiledProcess } from './profiled-process.ts'
import { parseSample } from './sample.ts'
import type { PerfRecord } from './stream.ts'

const PERIOD_MS: Milliseconds = 1000
/** Processes that are not children of those it knows are few. */
const STARTED_AT_MOST = 8
const LOST = 2
const FORK = 7
const SAMPLE = 9

/** The probe `perf`: where threads of native programs use CPU, by `perf record` on the target's processes alone. */
export class PerfProbe implements Probe {
  readonly id = 'perf'
  readonly fidelity = 'sampled'
  readonly signals = ['cpuStacks']
  readonly #exceptNode: boolean
  readonly #launched: boolean
  readonly #shared = { modules: new ModuleCache(), lines: new SourceLines() }
  readonly #perfs: PerfProcess[] = []
  /** Of the processes that perf was started on or saw begin, what they ran when they were first listed. */
  readonly #followed = new Set<number>()
  readonly #commands = new Map<number, string>()
  readonly #processes = new Map<number, ProfiledProcess>()
  #context: ProbeContext | null = null
  #timer: NodeJS.Timeout | undefined
  #epoch: Milliseconds = 0
  #recording: Promise<void> = Promise.resolve()
  #cpuUs = 0
  #lost = 0

  /** `exceptNode`: V8 profiles its own threads. `launched`: its processes are new, and may only be about to become another program. */
  constructor({ exceptNode = false, launched = false } = {}) {
    this.#exceptNode = exceptNode
    this.#launched = launched
  }

  get note(): string | undefined {
    const why = this.#perfs.find(({ failure }) => failure !== null)?.failure
    if (why) return `no CPU stacks of native code: ${why}`
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
    await Promise.all(this.#perfs.map((perf) => perf.end()))
    this.#record()
    await this.#recording
    for (const profiled of this.#processes.values()) profiled.close()
    this.#processes.clear()
    this.#context = null
  }

  /** What perf lost is no count that is too low: a sample of CPU time has got smaller. `note` says so. */
  cost(): { cpuSeconds: Seconds; dropped: number } {
    const perfs = this.#perfs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
    return { cpuSeconds: this.#cpuUs / 1e6 + perfs, dropped: 0 }
  }

  #sweep(): void {
    this.#follow()
    this.#record()
    // Asked for while they run, for afterwards nobody knows.
    this.cost()
  }

  /** Starts perf on processes that it did not see begin; when launched on those that have been there for a second. */
  #follow(): void {
    const listed = this.#context?.processes() ?? []
    const live = new Map(listed.map(({ pid, command }) => [pid, command]))
    for (const [pid, profiled] of this.#processes) {
      // Another command is another program, with other code.
      if (live.has(pid) && live.get(pid) === this.#commands.get(pid)) continue
      this.#end(profiled)
    }
    const fresh = listed.filter(({ pid, command }) => {
      const isSettled = !this.#launched || this.#commands.get(pid) === command
      return isSettled && !this.#followed.has(pid) && this.#isOurs(pid, command)
    })
    for (const [pid, command] of live) this.#commands.set(pid, command)
    if (fresh.length === 0 || this.#perfs.length >= STARTED_AT_MOST) return
    for (const { pid } of fresh) this.#followed.add(pid)
    this.#perfs.push(
      new PerfProcess(
        fresh.map(({ pid }) => pid),
        availableParallelism(),
        (record) => this.#take(record),
      ),
    )
  }

  #isOurs(pid: number, command: string): boolean {
    return !this.#exceptNode || identifyRuntime(pid, command) !== 'node'
  }

  #take(record: PerfRecord): void {
    const before = process.cpuUsage()
    if (record.type === FORK) this.#followed.add(record.body.readInt32LE(0))
    else if (record.type === LOST) this.#lost += Number(record.body.readBigUInt64LE(8))
    else if (record.type === SAMPLE) this.#sample(record)
    const { user, system } = process.cpuUsage(before)
    this.#cpuUs += user + system
  }

  #sample(record: PerfRecord): void {
    const sample = parseSample(record)
    if (!sample || !record.attributes) return
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
