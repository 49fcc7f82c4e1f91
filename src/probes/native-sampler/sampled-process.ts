import { identifyRuntime, type Runtime } from '../../targets/identify.ts'
import type { ModuleCache } from '../../symbols/elf-module.ts'
import { ProcessSymbols } from '../../symbols/process-symbols.ts'
import type { SourceLines } from '../../symbols/source-lines.ts'
import type { Milliseconds } from '../../units.ts'
import { ProcessMemory } from '../native/process-memory.ts'
import type { Sink, TargetProcess } from '../probe.ts'
import type { FdBudget } from '../proc/kept-file.ts'
import { randomSubset } from '../proc/random-subset.ts'
import { Churn } from './churn.ts'
import { readOwner } from './holders.ts'
import { type Observation, Observer } from './observe.ts'
import type { Sightings } from '../tracefs/sightings.ts'
import type { SampledThread } from './sampled-thread.ts'
import { Tally } from './tally.ts'
import { ThreadList } from './thread-list.ts'

/** Stacks taken in one sweep: a scan costs four times as much as a look. */
const STACKS_A_SWEEP = 64
/** Whole stacks taken in one sweep, of threads that were there at the sweep before. */
const WHOLE_STACKS_A_SWEEP = 3
/** The scheduler's counters are read once a second, of so many threads. */
const COUNTED_THREADS = 512

/** What all processes that are sampled share. */
export interface Shared {
  budget: FdBudget
  modules: ModuleCache
  lines: SourceLines
  buffer: Buffer
  /** Who wants to know what is seen. */
  sightings: Sightings | undefined
}

/** The threads of one process, sampled. Times are weighted by what each look stands for: the time since the sweep before, and threads not looked at. */
export class SampledProcess {
  readonly pid: number
  readonly runtime: Runtime
  /** Looks that failed for want of a file descriptor. */
  failed = 0
  /** The kernel does not let holdup see what its threads are blocked in. */
  denied = false
  readonly #shared: Shared
  readonly #memory: ProcessMemory
  readonly #symbols: ProcessSymbols
  readonly #observer: Observer
  readonly #tally = new Tally()
  readonly #churn: Churn
  readonly #threads: ThreadList
  #sweptAt: Milliseconds | null = null
  #sawAny = false
  #counts = { sweeps: 0, threads: 0, looked: 0, ms: 0, runningMs: 0, unknownMs: 0 }

  constructor({ pid, command }: TargetProcess, shared: Shared) {
    this.pid = pid
    this.runtime = identifyRuntime(pid, command)
    this.#shared = shared
    this.#threads = new ThreadList(pid, shared.budget)
    this.#memory = new ProcessMemory(pid)
    this.#symbols = new ProcessSymbols(pid, shared.modules, shared.lines)
    this.#observer = new Observer(this.#memory, this.#symbols, this.runtime)
    this.#churn = new Churn(pid)
  }

  get threads(): number {
    return this.#threads.size
  }

  /** Looks at `most` of its threads, and whether the machine's newest thread is its own. False when it is gone. */
  sweep(t: Milliseconds, most: number, newest: number): boolean {
    if (!this.#threads.refresh(t)) return false
    if (this.denied) return true
    const since = this.#sweptAt
    this.#sweptAt = t
    const looked = this.#look(this.#threads.atRandom(most))
    this.#churn.sample(newest)
    if (since === null) this.#begin()
    // The first sweep has no time that it could stand for.
    if (since === null || looked.length === 0) return true
    const weight = ((t - since) * this.#threads.size) / looked.length
    const blocked = looked.filter((thread) => thread.call !== null)
    this.#observe(blocked)
    this.#follow(blocked)
    this.#count(blocked, weight)
    this.#counts.sweeps++
    this.#counts.threads += this.#threads.size
    this.#counts.looked += looked.length
    this.#counts.ms += t - since
    this.#counts.runningMs += (looked.length - blocked.length) * weight
    return true
  }

  /** Adds the records of what was seen until now, since the last call; those of stacks as soon as their lines are known. */
  async record(t: Milliseconds, sink: Sink): Promise<void> {
    const { sweeps, threads, looked, ms, runningMs, unknownMs } = this.#counts
    const liveCpuMs = this.#countTimes()
    if (sweeps > 0) {
      const mean = (sum: number) => Math.round(sum / sweeps)
      sink.add({
        k: 'sampled',
        t,
        pid: this.pid,
        sweeps,
        threads: mean(threads),
        looked: mean(looked),
        ms,
        runningMs,
        unknownMs,
      })
    }
    const churn = this.#churn.take(liveCpuMs)
    if (churn) sink.add({ k: 'churn', t, pid: this.pid, ...churn })
    this.#counts = { sweeps: 0, threads: 0, looked: 0, ms: 0, runningMs: 0, unknownMs: 0 }
    await this.#tally.record(this.pid, t, this.#symbols, sink)
  }

  close(): void {
    this.#threads.close()
    this.#memory.close()
  }

  /** What the counters had counted before. */
  #begin(): void {
    this.#countTimes()
    this.#churn.take(null)
  }

  #look(threads: readonly SampledThread[]): SampledThread[] {
    const looked: SampledThread[] = []
    let denied = 0
    for (const thread of threads) {
      const why = thread.look(this.#shared.buffer)
      if (why === null) looked.push(thread)
      else if (why === 'failed') this.failed++
      else this.#threads.forget(thread.tid)
      if (why === 'denied') denied++
    }
    // The files of a thread that is about to end are root's: only where none may be read it is the process.
    this.#sawAny ||= looked.length > 0
    this.denied = !this.#sawAny && denied > 0
    return looked
  }

  /** Takes the stacks of some: those first of which nothing is known since they moved. */
  #observe(blocked: readonly SampledThread[]): void {
    const waiters = new Map<number, number>()
    for (const { call } of blocked) {
      if (call?.futex) waiters.set(call.futex.address, (waiters.get(call.futex.address) ?? 0) + 1)
    }
    const moved = blocked.filter(({ observation }) => observation === null)
    const owned = new Set<number>()
    for (const thread of randomSubset(moved, STACKS_A_SWEEP)) {
      if (!thread.call) continue
      thread.observation = this.#observer.observe(thread.call, waiters, () => thread.isStillThere(this.#shared.buffer))
    }
    for (const thread of blocked) this.#lookAtOwner(thread, owned)
  }

  /** What threads are there for, the functions that they began with tell: once each. */
  #follow(blocked: readonly SampledThread[]): void {
    const unknown = blocked.filter(({ known, tid }) => !known && this.#threads.hasStayed(tid))
    for (const thread of unknown.slice(0, WHOLE_STACKS_A_SWEEP)) {
      if (!thread.call) continue
      const stack = this.#observer.wholeStack(thread.call, () => thread.isStillThere(this.#shared.buffer))
      if (!stack) continue
      thread.known = true
      this.#tally.follow(thread.tid, stack)
    }
  }

  /** Once a sweep for each lock. */
  #lookAtOwner(waiter: SampledThread, owned: Set<number>): void {
    const { tid, call, observation } = waiter
    if (!call?.futex || !observation?.futex || owned.has(observation.futex.lock)) return
    const { lock } = observation.futex
    const owner = readOwner(call.futex, observation.futex, observation.pthread, this.#memory)
    // A thread that waits for its own lock mostly only seems to: it was woken since.
    if (owner === null || (owner === tid && !waiter.isStillThere(this.#shared.buffer))) return
    owned.add(lock)
    const held = { lock, tid: owner, awaits: null, stack: [] }
    if (owner === 0) return this.#tally.held({ ...held, doing: 'unknown' })
    if (!this.#threads.has(owner)) return
    const holder = this.#threads.get(owner)
    if (owner !== tid && holder.look(this.#shared.buffer) !== null) return
    if (holder.call === null) return this.#tally.held({ ...held, doing: 'running' })
    holder.observation ??= this.#observer.observe(holder.call, new Map(), () =>
      holder.isStillThere(this.#shared.buffer),
    )
    const { stack = [], futex = null } = holder.observation ?? {}
    const awaits = futex?.state === 'contended' ? futex.lock : null
    this.#tally.held({ ...held, doing: holder.call.wait, awaits, stack })
  }

  /** Threads whose stack could not be taken in time are shared among those of which it was, as they are a random part. */
  #count(blocked: readonly SampledThread[], weight: Milliseconds): void {
    const known = blocked.filter((thread) => thread.observation !== null)
    if (known.length === 0) this.#counts.unknownMs += blocked.length * weight
    else for (const thread of known) this.#saw(thread, (weight * blocked.length) / known.length)
  }

  #saw(thread: SampledThread, ms: Milliseconds): void {
    const observation = thread.observation as Observation
    this.#tally.saw(observation, thread.tid, ms)
    const { tid, call } = thread
    const of = { pid: this.pid, tid, call: call?.futex ?? null, symbols: this.#symbols }
    this.#shared.sightings?.saw({ ...of, observation, ms })
    thread.saw(observation, ms)
  }

  /** Shares the threads' run-queue delay among what they were blocked in. Gives the CPU of all live threads, null where too many. */
  #countTimes(): Milliseconds | null {
    const counted = this.#threads.lowest(COUNTED_THREADS)
    const born = this.#threads.takeBorn()
    const scale = this.#threads.size / Math.max(1, counted.length)
    let liveCpuMs = 0
    let anywhereMs = 0
    for (const thread of counted) {
      const times = thread.takeTimes(this.#shared.buffer, born.has(thread.tid))
      const seen = thread.takeSeen()
      if (!times) continue
      liveCpuMs += times.cpuMs
      const total = [...seen.values()].reduce((sum, ms) => sum + ms, 0)
      if (scale > 1 || total === 0) anywhereMs += times.queuedMs * scale
      else for (const [observation, ms] of seen) this.#tally.queued(observation, (times.queuedMs * ms) / total)
    }
    this.#tally.queuedAnywhere(anywhereMs)
    return scale > 1 ? null : liveCpuMs
  }
}
