import { identifyRuntime } from '../../targets/identify.ts'
import { readdirSync } from 'node:fs'
import { columnsOf, type SweepRow } from '../../recording/sweep.ts'
import type { Milliseconds } from '../../units.ts'
import type { Sink, TargetProcess } from '../probe.ts'
import { KeptFile } from './kept-file.ts'
import { countSockets } from './sockets.ts'
import { randomSubset } from './random-subset.ts'
import type { Sampling } from './sampling.ts'
import { isZombie, parseStat } from './stat.ts'
import { SwitchCounter } from './switch-counter.ts'
import { TrackedThread } from './tracked-thread.ts'

/** Threads of a process that one sweep looks at: about 2 ms of reading. */
const THREADS_A_SWEEP = 256
/** A newly seen thread costs three opens; more than these wait for the next listing. */
const BIRTHS_A_SECOND = 1024
/** A listing, and the error of a start in clock ticks. */
const SEEN_LATE_MS = 300
/** Listing the threads costs as much as reading several; a changed number of them asks for it at once, unless they are many. */
const LIST_EVERY_MS = 250
/** A listing takes a microsecond for each of them: one of 10,000 is made once a second. */
const LIST_MS_A_THREAD = 0.1
const COUNT_SWITCHES_EVERY_MS = 1000
const COUNT_SOCKETS_EVERY_MS = 1000

/** One process of the target and its threads. */
export class TrackedProcess {
  readonly pid: number
  /** The kernel does not let holdup see what its threads are blocked in. */
  syscallDenied = false
  readonly #sampling: Sampling
  readonly #sink: Sink
  readonly #folder: string
  readonly #stat: KeptFile
  /** The main thread switches more than all others where it hands out their work: it does not stand for them. */
  readonly #mainSwitches = new SwitchCounter(1)
  readonly #switches = new SwitchCounter(THREADS_A_SWEEP)
  readonly #threads = new Map<number, TrackedThread>()
  /** Threads that were seen but are not tracked yet. */
  #untracked = 0
  #readsSyscall = false
  #command = ''
  /** Start of the process: a pid may come back as another. */
  #start: number | null = null
  #listedAt = -Infinity
  #switchesAt = -Infinity
  #socketsAt = -Infinity

  constructor(pid: number, sampling: Sampling, sink: Sink) {
    this.pid = pid
    this.#sampling = sampling
    this.#sink = sink
    this.#folder = `/proc/${pid}/task`
    this.#stat = new KeptFile(`/proc/${pid}/stat`, sampling.budget)
  }

  /** Its command line changes when a child execs. */
  describe({ ppid, command }: TargetProcess, t: Milliseconds): void {
    if (command === this.#command) return
    this.#command = command
    this.#sink.add({ k: 'process', t, pid: this.pid, ppid, command, runtime: identifyRuntime(this.pid, command) })
  }

  /** Looks at it and its threads; false when it is gone. */
  sweep(t: Milliseconds): boolean {
    const line = this.#sampling.text(this.#stat)
    if (line === null) return this.#sampling.why !== 'gone'
    const stat = parseStat(line)
    this.#start ??= stat.start
    if (isZombie(stat) || stat.start !== this.#start) return false
    this.#listThreads(t, stat.threads)
    this.#sweepThreads(t)
    const pss = this.#sampling.pss.take(this.pid)
    this.#sink.add({
      k: 'proc',
      t,
      pid: this.pid,
      cpuMs: stat.cpuTicks * this.#sampling.tickMs,
      rss: stat.rssPages * this.#sampling.pageBytes,
      ...(pss !== null && { pss }),
      threads: stat.threads,
      ...this.#countSockets(t),
    })
    if (t - this.#switchesAt >= COUNT_SWITCHES_EVERY_MS) this.countSwitches(t)
    return true
  }

  #countSockets(t: Milliseconds): { sockets?: number } {
    if (t - this.#socketsAt < COUNT_SOCKETS_EVERY_MS) return {}
    this.#socketsAt = t
    const sockets = countSockets(this.pid)
    return sockets === null ? {} : { sockets }
  }

  /** Adds the context switches since the last count. */
  countSwitches(t: Milliseconds): void {
    this.#switchesAt = t
    const main = this.#threads.get(this.pid)
    const mains = this.#mainSwitches.count(main ? [main] : [])
    const others = this.#switches.count([...this.#threads.values()].filter((thread) => thread !== main))
    if (!mains || !others) return
    const voluntary = mains.voluntary + others.voluntary
    this.#sink.add({ k: 'switches', t, pid: this.pid, voluntary, involuntary: mains.involuntary + others.involuntary })
  }

  /** Records that it is gone with all its threads. */
  exit(t: Milliseconds): void {
    for (const thread of this.#threads.values()) this.#exitThread(thread, t)
    this.#sink.add({ k: 'process-exit', t, pid: this.pid, code: null, signal: null })
    this.close()
  }

  close(): void {
    for (const thread of this.#threads.values()) thread.close()
    this.#stat.close()
    this.#sampling.pss.forget(this.pid)
  }

  #listThreads(t: Milliseconds, count: number): void {
    const many = count > THREADS_A_SWEEP
    const changed = count !== this.#threads.size + this.#untracked
    const pause = Math.max(LIST_EVERY_MS, count * LIST_MS_A_THREAD)
    if (t - this.#listedAt < pause && (many || !changed)) return
    this.#listedAt = t
    const tids = listTids(this.#folder)
    for (const thread of this.#threads.values()) if (!tids.has(thread.tid)) this.#exitThread(thread, t)
    let room = (BIRTHS_A_SECOND * pause) / 1000
    for (const tid of tids) {
      if (room <= 0) break
      if (this.#threads.has(tid)) continue
      room--
      const thread = new TrackedThread(this.#folder, tid, this.#sampling)
      if (thread.look(t) || this.#sampling.why !== 'gone') this.#enterThread(thread, t)
      else thread.close()
    }
    this.#untracked = Math.max(0, tids.size - this.#threads.size)
  }

  #sweepThreads(t: Milliseconds): void {
    const rows: SweepRow[] = []
    for (const thread of randomSubset([...this.#threads.values()], THREADS_A_SWEEP)) {
      const { name } = thread
      const row = thread.row(t, this.#readsSyscall)
      if (row) rows.push(row)
      else if (this.#sampling.why === 'gone') this.#exitThread(thread, t)
      if (thread.name !== name) this.#sink.add({ k: 'thread', t, pid: this.pid, tid: thread.tid, name: thread.name })
    }
    const of = this.#threads.size + this.#untracked
    if (rows.length > 0) this.#sink.add({ k: 'threads', t, pid: this.pid, of, ...columnsOf(rows) })
  }

  #enterThread(thread: TrackedThread, t: Milliseconds): void {
    // Every thread of a process is as readable as the first.
    if (this.#threads.size === 0 && this.#sampling.hasSyscall) {
      this.#readsSyscall = thread.permitsSyscall()
      this.syscallDenied = !this.#readsSyscall
    }
    this.#threads.set(thread.tid, thread)
    const { tid, name, began } = thread
    const late = began !== null && t - began > SEEN_LATE_MS && { began: Math.round(began) }
    this.#sink.add({ k: 'thread', t, pid: this.pid, tid, name, ...late })
  }

  #exitThread(thread: TrackedThread, t: Milliseconds): void {
    thread.close()
    this.#threads.delete(thread.tid)
    this.#sink.add({ k: 'thread-exit', t, pid: this.pid, tid: thread.tid })
  }
}

function listTids(folder: string): Set<number> {
  try {
    return new Set(readdirSync(folder).map(Number))
  } catch {
    return new Set()
  }
}
