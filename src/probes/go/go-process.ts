import type { Milliseconds } from '../../units.ts'
import type { ProbeContext } from '../probe.ts'
import type { PprofEndpoint } from './endpoint.ts'
import { doingOf, lockCrowds, placeOf, waitOf } from './goroutine-wait.ts'
import { type GoSample, readGoProfile } from './read-profile.ts'

const SAMPLE_EVERY_MS: Milliseconds = 250
/** Of its time a program gives holdup a hundredth at most. */
const TIMES_THE_COST = 100
/** Stacks of one sample, of those with most goroutines. */
const STACKS_AT_MOST = 100
const UNLOCKS = /^sync\.\(\*(RW)?Mutex\)\.R?Unlock \(|^internal\/sync\.\(\*Mutex\)\.Unlock \(/

/** One Go program that serves its profiles. */
export class GoProcess {
  readonly #pid: number
  readonly #endpoint: PprofEndpoint
  readonly #context: Pick<ProbeContext, 'sink' | 'now'>
  #sampledAt: Milliseconds = 0
  #next: NodeJS.Timeout | undefined
  #busy: Promise<void> = Promise.resolve()
  #ended = false
  /** Contentions of the mutex profile at the beginning, by stack. */
  #unlocksBefore = new Map<string, number>()
  hasMutexProfile = false
  cpuUs = 0

  constructor(pid: number, endpoint: PprofEndpoint, context: Pick<ProbeContext, 'sink' | 'now'>) {
    this.#pid = pid
    this.#endpoint = endpoint
    this.#context = context
  }

  async begin(): Promise<void> {
    const { sink, now } = this.#context
    this.#unlocksBefore = new Map((await this.#unlocks()).map(({ stack, values: [n = 0] }) => [stack.join('\n'), n]))
    this.#sampledAt = now()
    sink.add({ k: 'runtime', t: this.#sampledAt, pid: this.#pid, of: 'go', thresholdMs: 0 })
    this.#plan(SAMPLE_EVERY_MS)
  }

  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#next)
    await this.#busy
    for (const { stack, values } of await this.#unlocks()) {
      const n = (values[0] ?? 0) - (this.#unlocksBefore.get(stack.join('\n')) ?? 0)
      if (n > 0) this.#hold(stack, n)
    }
    this.#endpoint.close()
  }

  #plan(ms: Milliseconds): void {
    if (this.#ended) return
    this.#next = setTimeout(() => {
      this.#busy = this.#sample()
    }, ms).unref()
  }

  async #sample(): Promise<void> {
    const began = performance.now()
    const samples = await this.#fetch('goroutine')
    // A stack of Go's is of the moment in which it was asked for, more or less.
    const took = performance.now() - began
    this.#record(samples)
    this.#plan(Math.max(SAMPLE_EVERY_MS, took * TIMES_THE_COST))
  }

  #record(samples: readonly GoSample[]): void {
    const { sink, now } = this.#context
    const from = this.#sampledAt
    const t = now()
    this.#sampledAt = t
    const largest = samples.toSorted((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0)).slice(0, STACKS_AT_MOST)
    for (const { stack, values } of largest) {
      const [n = 0] = values
      const wait = waitOf(stack)
      if (!wait) continue
      sink.add({
        k: 'runtime-wait',
        t,
        pid: this.#pid,
        kind: wait.kind,
        lock: placeOf(stack),
        of: sink.string(wait.of),
        stack: sink.stack(stack),
        from,
        n,
        ms: n * (t - from),
        max: 0,
        waits: [],
        threads: [],
      })
    }
    this.#recordHolders(t, samples)
  }

  /** Who has the locks that others wait for, as far as a look tells. */
  #recordHolders(t: Milliseconds, samples: readonly GoSample[]): void {
    const { sink } = this.#context
    const pid = this.#pid
    for (const { lock, holder } of lockCrowds(samples.map(({ stack, values: [n = 0] }) => ({ stack, n })))) {
      const stack = holder ? { stack: sink.stack(holder) } : {}
      const doing = sink.string(holder ? doingOf(holder) : 'unknown')
      // A goroutine is of no thread.
      sink.add({ k: 'holder', t, pid, tid: pid, lock, doing, ...stack, n: 1 })
      if (holder && !this.hasMutexProfile) this.#hold([...holder], 1, lock)
    }
  }

  #hold(stack: string[], n: number, lock = placeOf(stack)): void {
    const { sink, now } = this.#context
    sink.add({ k: 'runtime-hold', t: now(), pid: this.#pid, lock, stack: sink.stack(stack), from: 0, n, ms: 0 })
  }

  /** Of the mutex profile those that give a lock back. */
  async #unlocks(): Promise<GoSample[]> {
    const samples = await this.#fetch('mutex')
    if (samples.length > 0) this.hasMutexProfile = true
    return samples.filter(({ stack: [leaf = ''] }) => UNLOCKS.test(leaf))
  }

  /** Nothing where it does not answer, as when it has ended. */
  async #fetch(page: string): Promise<GoSample[]> {
    try {
      const data = await this.#endpoint.fetch(page)
      const before = process.cpuUsage()
      const samples = readGoProfile(data)
      const { user, system } = process.cpuUsage(before)
      this.cpuUs += user + system
      return samples
    } catch {
      return []
    }
  }
}
