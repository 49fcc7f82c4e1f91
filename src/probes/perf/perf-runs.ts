import { availableParallelism } from 'node:os'
import { hasCapability } from '../../targets/capabilities.ts'
import { kernelSetting } from '../../targets/kernel-settings.ts'
import type { Milliseconds, Ratio, Seconds } from '../../units.ts'
import { perfArguments, type Watched } from './command.ts'
import { PerfProcess } from './perf-process.ts'
import { threadsOf } from './threads-of.ts'
import type { PerfRecord } from './stream.ts'

/** Those that are started anew included. */
const STARTED_AT_MOST = 16
/** A younger thread may end at any moment. Those that it starts are watched through the one that started it. */
const SETTLED_MS: Milliseconds = 1000
/** CPU of a perf that polls threads which have ended, without a pause: it does until its own end (perf 6.1). */
const SPINS: Ratio = 0.3
const SAMPLE = 9

interface Run {
  perf: PerfProcess
  /** Processes that it was started for, and threads of theirs that were too young. */
  pids: readonly number[]
  young: readonly number[]
  sawSamples: boolean
  checkedAt: Milliseconds
  cpuSeconds: Seconds
}

/**
 * The `perf record`s of one recording. Where holdup may watch the cores themselves there is one: it costs the target nothing as its threads come and
 * go, and sees those that live for a moment. Else there is one for the threads of the processes that are found, which samples a thread whenever it
 * has used so much CPU, and so never one that ends before.
 */
export class PerfRuns {
  readonly #take: (record: PerfRecord) => void
  #runs: Run[] = []
  readonly #ending: Promise<void>[] = []
  #started = 0
  #endedCpu: Seconds = 0
  #isOld = false
  #isWide = mayWatchCores()
  #lastFailure: string | null = null

  constructor(take: (record: PerfRecord) => void) {
    this.#take = take
  }

  /** Why there are no samples; null where there are, or may yet be. */
  get failure(): string | null {
    const last = this.#runs.at(-1)
    return last ? last.perf.failure : this.#lastFailure
  }

  get cpuSeconds(): Seconds {
    return this.#runs.reduce((sum, { perf }) => sum + perf.cpuSeconds + perf.readSeconds, this.#endedCpu)
  }

  /** Sees to it that these processes are watched, with all that they start. */
  watch(pids: readonly number[]): void {
    if (!this.#isWide) {
      const settled = pids.flatMap((pid) => threadsOf(pid, SETTLED_MS))
      const young = pids.flatMap((pid) => threadsOf(pid)).filter((tid) => !settled.includes(tid))
      this.#start(settled, { pids, young })
    } else if (this.#runs.length === 0) this.#start('cores', { pids, young: [] })
  }

  /** Ends those that spin. Returns the processes that nobody watches any more. */
  check(): number[] {
    const lost = this.#runs.filter((run) => run.perf.ended || this.#spins(run))
    for (const run of lost) {
      if (run.perf.ended) this.#learn(run)
      else this.#ending.push(run.perf.end())
      this.#endedCpu += run.perf.cpuSeconds + run.perf.readSeconds
    }
    this.#runs = this.#runs.filter((run) => !lost.includes(run))
    for (const run of this.#runs) this.#watchGrown(run)
    return lost.flatMap(({ pids }) => pids)
  }

  /** Resolves when all that they had has been given. */
  async end(): Promise<void> {
    await Promise.all([...this.#ending, ...this.#runs.map(({ perf }) => perf.end())])
  }

  #start(watched: Watched, of: Pick<Run, 'pids' | 'young'>): void {
    if (watched.length === 0 || this.#started >= STARTED_AT_MOST) return
    this.#started++
    const take = (record: PerfRecord) => {
      run.sawSamples ||= record.type === SAMPLE
      this.#take(record)
    }
    const perf = new PerfProcess(perfArguments(watched, availableParallelism(), this.#isOld), take)
    const run: Run = { perf, ...of, sawSamples: false, checkedAt: performance.now(), cpuSeconds: 0 }
    this.#runs.push(run)
  }

  /** Of the threads that were too young those that are still there, a second later. */
  #watchGrown(run: Run): void {
    const { young, pids } = run
    run.young = []
    const there = young.length > 0 ? new Set(pids.flatMap((pid) => threadsOf(pid))) : null
    if (there)
      this.#start(
        young.filter((tid) => there.has(tid)),
        { pids: [], young: [] },
      )
  }

  /** What the next one does without. */
  #learn({ perf, sawSamples }: Run): void {
    this.#lastFailure = perf.failure
    if (perf.wasTooOld) this.#isOld = true
    else if (this.#isWide && !sawSamples) this.#isWide = false
    // It will not be permitted the next time either.
    else if (perf.failure !== null) this.#started = STARTED_AT_MOST
  }

  #spins(run: Run): boolean {
    const at = performance.now()
    const { cpuSeconds } = run.perf
    const share = (cpuSeconds - run.cpuSeconds) / ((at - run.checkedAt) / 1000)
    run.checkedAt = at
    run.cpuSeconds = cpuSeconds
    return !this.#isWide && share > SPINS
  }
}

/** As perf_event_open(2) has it. In a user namespace of its own a right may prove to be none. */
function mayWatchCores(): boolean {
  if (hasCapability('CAP_PERFMON') || hasCapability('CAP_SYS_ADMIN')) return true
  const paranoid = kernelSetting('/proc/sys/kernel/perf_event_paranoid')
  return paranoid !== null && paranoid <= 0
}
