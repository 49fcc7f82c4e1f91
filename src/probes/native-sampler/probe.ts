import { ModuleCache } from '../../symbols/elf-module.ts'
import { SourceLines } from '../../symbols/source-lines.ts'
import { formatNumber, type Milliseconds, type Seconds } from '../../units.ts'
import { identifyRuntime } from '../../targets/identify.ts'
import type { Probe, ProbeContext, TargetProcess } from '../probe.ts'
import { budgetOfThisProcess, FdBudget } from '../proc/kept-file.ts'
import { SweepTimer } from '../proc/sweep-timer.ts'
import type { Sightings } from '../tracefs/sightings.ts'
import { newestId } from './churn.ts'
import { LookBudget } from './look-budget.ts'
import { SampledProcess, type Shared } from './sampled-process.ts'

const PERIOD_MS: Milliseconds = 20
/** While there is nothing to sample. */
const IDLE_PERIOD_MS: Milliseconds = 500
const RECORD_EVERY_MS: Milliseconds = 1000
/** Beside what the probe proc keeps open. */
const FD_SHARE = 1 / 4
const LINE_BYTES = 512

interface SamplerOptions {
  /** Node processes have an agent for what matters. */
  exceptNode?: boolean
  /** Is told what is seen. */
  sightings?: Sightings | undefined
  /** Why nothing more exact is there, for the reader. */
  lacking?: string | undefined
}

/**
 * The probe `native-sampler`: what threads of native programs are blocked in and where, about 50 times a second, from outside: by lock,
 * kind and stack, with who holds it. Stops nothing, needs neither root nor frame pointers, but the right that ptrace needs.
 */
export class NativeSampler implements Probe {
  readonly id = 'native-sampler'
  readonly fidelity = 'sampled'
  readonly signals = ['lockWait', 'blockedStacks']
  note?: string
  readonly #timer = new SweepTimer(() => this.#sweep(), PERIOD_MS)
  readonly #processes = new Map<number, SampledProcess>()
  /** Of the processes seen so far: another one after exec makes another program of it. */
  readonly #commands = new Map<number, string>()
  #listed: readonly TargetProcess[] | null = null
  readonly #exceptNode: boolean
  readonly #lacking: string | undefined
  readonly #looks = new LookBudget()
  readonly #shared: Shared
  #context: ProbeContext | null = null
  /** There was a Node process. */
  #leavesOut = false
  #failed = 0
  #recordedAt: Milliseconds = 0
  #recording: Promise<void> = Promise.resolve()

  constructor({ exceptNode = false, sightings, lacking }: SamplerOptions = {}) {
    this.#exceptNode = exceptNode
    this.#lacking = lacking
    this.#shared = {
      budget: new FdBudget(budgetOfThisProcess(FD_SHARE)),
      modules: new ModuleCache(),
      lines: new SourceLines(),
      buffer: Buffer.alloc(LINE_BYTES),
      sightings,
    }
  }

  start(context: ProbeContext): void {
    this.#context = context
    this.#recordedAt = context.now()
    this.#timer.start()
  }

  async stop(): Promise<void> {
    if (!this.#context) return
    this.#timer.stop()
    this.#timer.run()
    this.#record(this.#context)
    this.#context = null
    await this.#recording
    for (const process of this.#processes.values()) process.close()
    this.#processes.clear()
  }

  cost(): { cpuSeconds: Seconds; dropped: number } {
    const failed = [...this.#processes.values()].reduce((sum, process) => sum + process.failed, this.#failed)
    return { cpuSeconds: this.#timer.cpuSeconds, dropped: failed }
  }

  #sweep(): void {
    const context = this.#context
    if (!context) return
    this.#follow(context)
    const due = [...this.#processes.values()]
    this.#timer.wantedMs = due.length === 0 ? IDLE_PERIOD_MS : PERIOD_MS
    if (due.length === 0) return
    const threads = due.reduce((sum, process) => sum + process.threads, 0)
    const looks = this.#looks.most(this.#timer.sweepMs, threads)
    const newest = newestId()
    for (const process of due) {
      const share = Math.ceil((looks * Math.max(1, process.threads)) / Math.max(1, threads))
      if (!process.sweep(context.now(), share, newest)) this.#end(process)
    }
    if (context.now() - this.#recordedAt >= RECORD_EVERY_MS) this.#record(context)
  }

  #follow(context: ProbeContext): void {
    const listed = context.processes()
    // One that has ended since would come again.
    if (listed === this.#listed) return
    this.#listed = listed
    const pids = new Set(listed.map(({ pid }) => pid))
    for (const pid of this.#commands.keys()) if (!pids.has(pid)) this.#commands.delete(pid)
    for (const process of this.#processes.values()) if (!pids.has(process.pid)) this.#end(process)
    for (const entry of listed) {
      if (this.#commands.get(entry.pid) === entry.command) continue
      const before = this.#processes.get(entry.pid)
      if (before) this.#end(before)
      this.#commands.set(entry.pid, entry.command)
      if (this.#exceptNode && identifyRuntime(entry.pid, entry.command) === 'node') {
        this.#leavesOut = true
        continue
      }
      this.#processes.set(entry.pid, new SampledProcess(entry, this.#shared))
    }
  }

  #end(process: SampledProcess): void {
    this.#processes.delete(process.pid)
    this.#commands.delete(process.pid)
    this.#failed += process.failed
    if (this.#context) this.#written(process.record(this.#context.now(), this.#context.sink))
    process.close()
  }

  #record({ sink, now }: ProbeContext): void {
    const t = now()
    this.#recordedAt = t
    for (const process of this.#processes.values()) this.#written(process.record(t, sink))
    this.#noteLimits()
  }

  #noteLimits(): void {
    const denied = [...this.#processes.values()].filter((process) => process.denied)
    const { periodMs, sweepMs } = this.#timer
    const notes = [
      ...(this.#lacking === undefined || this.#processes.size === 0 ? [] : [this.#lacking]),
      ...(this.#leavesOut
        ? ['of Node processes the locks of JavaScript are counted, those of native code are not seen']
        : []),
      ...(denied.length > 0 ? [`not permitted for pid ${denied.map(({ pid }) => pid).join(', ')}`] : []),
      ...(periodMs > PERIOD_MS && this.#processes.size > 0
        ? [`samples every ${formatNumber(periodMs)} ms, not ${PERIOD_MS}: one takes ${formatNumber(sweepMs)} ms`]
        : []),
    ]
    if (notes.length > 0) this.note = notes.join('; ')
  }

  /** Records may wait for source lines. */
  #written(records: Promise<void>): void {
    const earlier = this.#recording
    this.#recording = earlier.then(() => records)
  }
}
