import type { Milliseconds } from '../../units.ts'
import { type FdBudget, KeptFile, type NotRead } from '../proc/kept-file.ts'
import { type BlockedCall, parseBlockedCall } from './blocked-call.ts'
import type { Observation } from './observe.ts'

const NS_PER_MS = 1e6
const LINE_BYTES = 256

/** What the scheduler counted of a thread since it began. */
export interface ThreadTimes {
  cpuMs: Milliseconds
  queuedMs: Milliseconds
}

/** One thread of a process that is sampled; its files stay open while the budget lasts. */
export class SampledThread {
  readonly tid: number
  /** What it is blocked in as of the last `look`; null when it ran. */
  call: BlockedCall | null = null
  /** What was found out about that call; null while nobody looked. */
  observation: Observation | null = null
  /** Its whole stack was taken once. */
  known = false
  /** Milliseconds that it was seen in each observation since the last `takeSeen`. */
  #seen = new Map<Observation, Milliseconds>()
  readonly #syscall: KeptFile
  readonly #schedstat: KeptFile
  readonly #last = Buffer.alloc(LINE_BYTES)
  #lastLength = 0
  #times: ThreadTimes | null = null

  constructor(folder: string, tid: number, budget: FdBudget) {
    this.tid = tid
    this.#syscall = new KeptFile(`${folder}/${tid}/syscall`, budget)
    this.#schedstat = new KeptFile(`${folder}/${tid}/schedstat`, budget)
  }

  /** Reads what it does now; null, or why that could not be read. A call that is as it was before keeps its observation. */
  look(buffer: Buffer): NotRead | null {
    const n = this.#syscall.read(buffer)
    if (typeof n !== 'number') return n
    if (n === this.#lastLength && buffer.compare(this.#last, 0, n, 0, n) === 0) return null
    this.#lastLength = buffer.copy(this.#last, 0, 0, Math.min(n, LINE_BYTES))
    this.call = parseBlockedCall(buffer.toString('latin1', 0, n).trimEnd())
    this.observation = null
    return null
  }

  /** Whether it still is where the last `look` found it. */
  isStillThere(buffer: Buffer): boolean {
    const n = this.#syscall.read(buffer)
    return n === this.#lastLength && buffer.compare(this.#last, 0, n, 0, n) === 0
  }

  saw(observation: Observation, ms: Milliseconds): void {
    this.#seen.set(observation, (this.#seen.get(observation) ?? 0) + ms)
  }

  takeSeen(): ReadonlyMap<Observation, Milliseconds> {
    const seen = this.#seen
    if (seen.size > 0) this.#seen = new Map()
    return seen
  }

  /** What the scheduler counted since the last call; null at the first, of a thread that was there before. */
  takeTimes(buffer: Buffer, bornSince: boolean): ThreadTimes | null {
    const n = this.#schedstat.read(buffer)
    if (typeof n !== 'number') return null
    const [cpu, queued] = buffer.toString('latin1', 0, n).split(' ', 2)
    const now = { cpuMs: Number(cpu) / NS_PER_MS, queuedMs: Number(queued) / NS_PER_MS }
    const before = this.#times ?? (bornSince ? { cpuMs: 0, queuedMs: 0 } : null)
    this.#times = now
    return before && { cpuMs: now.cpuMs - before.cpuMs, queuedMs: now.queuedMs - before.queuedMs }
  }

  close(): void {
    this.#syscall.close()
    this.#schedstat.close()
  }
}
