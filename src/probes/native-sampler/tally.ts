import { LIMITS } from '../../recording/schema.ts'
import type { Sink } from '../probe.ts'
import type { ProcessSymbols } from '../../symbols/process-symbols.ts'
import type { Milliseconds } from '../../units.ts'
import type { Observation } from './observe.ts'

const TIDS_KEPT = 64
/** Rows of a second: the others, which hardly anything was seen in, are added up without their stacks. */
const ROWS_AT_MOST = 500

/** What was seen of one observation. */
interface Seen {
  n: number
  ms: Milliseconds
  queuedMs: Milliseconds
  tids: Set<number>
}

/** What a lock's holder was doing when it was looked at. */
export interface Holding {
  lock: number
  /** 0: nobody held it just then. */
  tid: number
  /** `running`, `unknown`, or what it is blocked in. */
  doing: string
  /** The lock that it waits for itself; null where for none. */
  awaits: number | null
  stack: readonly number[]
}

/** Adds up what was seen of one process' blocked threads, and makes records of it. */
export class Tally {
  #seen = new Map<Observation, Seen>()
  #holdings = new Map<string, Holding & { n: number }>()
  #whole: { tid: number; stack: readonly number[] }[] = []

  get totalMs(): Milliseconds {
    return [...this.#seen.values()].reduce((sum, { ms }) => sum + ms, 0)
  }

  saw(observation: Observation, tid: number, ms: Milliseconds): void {
    const seen = this.#of(observation)
    seen.n++
    seen.ms += ms
    if (seen.tids.size < TIDS_KEPT) seen.tids.add(tid)
  }

  /** Time that threads were runnable, to be had in mind with what they were blocked in. */
  queued(observation: Observation, ms: Milliseconds): void {
    this.#of(observation).queuedMs += ms
  }

  /** The same, of threads that nobody saw blocked, or that stand for others: shared by what there was of each observation. */
  queuedAnywhere(ms: Milliseconds): void {
    const total = this.totalMs
    if (total > 0) for (const seen of this.#seen.values()) seen.queuedMs += (ms * seen.ms) / total
  }

  held(holding: Holding): void {
    const key = `${holding.lock} ${holding.tid} ${holding.doing} ${holding.awaits} ${holding.stack.join()}`
    const known = this.#holdings.get(key)
    if (known) known.n++
    else this.#holdings.set(key, { ...holding, n: 1 })
  }

  /** A thread's whole stack. */
  follow(tid: number, stack: readonly number[]): void {
    this.#whole.push({ tid, stack })
  }

  /** Adds the records of what there was up to `t`, and begins anew. Waits for source lines where they are to be had. */
  async record(pid: number, t: Milliseconds, symbols: ProcessSymbols, sink: Sink): Promise<void> {
    const rows = [...this.#seen].toSorted((a, b) => b[1].ms - a[1].ms)
    const holdings = [...this.#holdings.values()].toSorted((a, b) => b.n - a.n)
    this.#seen = new Map()
    this.#holdings = new Map()
    const whole = this.#whole
    this.#whole = []
    await symbols.resolveLines([
      ...rows.slice(0, ROWS_AT_MOST).flatMap(([{ stack }]) => stack),
      ...holdings.flatMap(({ stack }) => stack),
      ...whole.flatMap(({ stack }) => stack),
    ])
    const stackOf = (addresses: readonly number[]) =>
      addresses.length > 0 ? { stack: sink.stack(addresses.flatMap((address) => symbols.frames(address))) } : {}
    rows.forEach(([{ wait, futex, stack }, seen], i) => {
      sink.add({
        k: 'blocked',
        t,
        pid,
        wait: sink.string(wait),
        ...(futex && { kind: futex.kind, state: futex.state, lock: hex(futex.lock) }),
        ...(i < ROWS_AT_MOST && stackOf(stack)),
        n: seen.n,
        ms: rounded(seen.ms),
        queuedMs: rounded(seen.queuedMs),
        tids: [...seen.tids],
      })
    })
    for (const { tid, stack } of whole) {
      const frames = stack.flatMap((address) => symbols.frames(address)).slice(0, LIMITS.frames)
      sink.add({ k: 'thread-stack', t, pid, tid, stack: sink.stack(frames) })
    }
    for (const { lock, tid, doing, awaits, stack, n } of holdings.slice(0, ROWS_AT_MOST)) {
      sink.add({
        k: 'holder',
        t,
        pid,
        tid,
        lock: hex(lock),
        doing: sink.string(doing),
        ...(awaits !== null && { awaits: hex(awaits) }),
        ...stackOf(stack),
        n,
      })
    }
  }

  #of(observation: Observation): Seen {
    let seen = this.#seen.get(observation)
    if (!seen) this.#seen.set(observation, (seen = { n: 0, ms: 0, queuedMs: 0, tids: new Set() }))
    return seen
  }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`
}

/** To the microsecond: finer digits are noise. */
function rounded(ms: Milliseconds): Milliseconds {
  return Math.round(ms * 1000) / 1000
}
