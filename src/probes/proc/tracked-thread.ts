import type { RecordOf } from '../../recording/schema.ts'
import type { Milliseconds } from '../../units.ts'
import { type FdBudget, KeptFile, type NotRead } from './kept-file.ts'
import { type Sampling, UNKNOWN } from './sampling.ts'
import { parseStat } from './stat.ts'
import { waitText } from './wait.ts'

/** Programs name their threads some time after they start them. */
const NAME_EVERY_MS = 1000
const NS_PER_US = 1e3
const US_PER_MS = 1e3
const SWITCHES = /^(?:non)?voluntary_ctxt_switches:\s*(\d+)/gm

type Row = RecordOf<'threads'>['rows'][number]
interface Times {
  cpuMs: Milliseconds
  queuedMs: Milliseconds
  /** How often it was put on a core; null where the kernel does not count. */
  turns: number | null
}

/** One thread of the target. */
export class TrackedThread {
  readonly tid: number
  name = ''
  readonly #schedstat: KeptFile
  readonly #stat: KeptFile
  readonly #syscall: KeptFile
  readonly #status: KeptFile
  #statAt = -Infinity
  #statCpuMs = 0
  #turns: number | null = null
  #line = ''
  #state = '?'
  #wait = UNKNOWN

  constructor(folder: string, tid: number, budget: FdBudget) {
    this.tid = tid
    const file = (name: string) => new KeptFile(`${folder}/${tid}/${name}`, budget)
    this.#schedstat = file('schedstat')
    this.#stat = file('stat')
    this.#syscall = file('syscall')
    this.#status = file('status')
  }

  /** Reads its stat line: state, name and CPU ticks. */
  look(sampling: Sampling, now: Milliseconds): NotRead | null {
    const read = sampling.read(this.#stat)
    if (typeof read === 'string') return read
    const stat = parseStat(read.toString('latin1'))
    this.name = stat.comm
    this.#state = stat.state
    this.#statCpuMs = stat.cpuTicks * sampling.tickMs
    this.#statAt = now
    return null
  }

  /** Its row of this sweep. */
  row(sampling: Sampling, now: Milliseconds, mayReadSyscall: boolean): Row | NotRead {
    const times = this.#times(sampling, now)
    if (typeof times === 'string') return times
    const line = mayReadSyscall ? this.#readSyscall(sampling) : null
    const named = now - this.#statAt < NAME_EVERY_MS
    if (line === 'running' && named) {
      this.#state = 'R'
    } else if (
      !(named && line !== null && line === this.#line && times.turns !== null && times.turns === this.#turns)
    ) {
      // It has run since the last look, or what it does cannot be told without its stat line.
      const failed = this.#statAt === now ? null : this.look(sampling, now)
      if (failed) return failed
    }
    this.#turns = times.turns
    if (line !== this.#line) {
      const text = line === null ? null : waitText(line)
      this.#wait = text === null ? UNKNOWN : sampling.wait(text)
      this.#line = line ?? ''
    }
    return [this.tid, times.cpuMs, times.queuedMs, this.#state, this.#state === 'R' ? UNKNOWN : this.#wait]
  }

  /** Its context switches so far, voluntary and not. */
  switches(sampling: Sampling): [voluntary: number, involuntary: number] | null {
    const read = sampling.read(this.#status)
    if (typeof read === 'string') return null
    const [voluntary, involuntary] = [...read.toString('latin1').matchAll(SWITCHES)].map(([, n]) => Number(n))
    return voluntary === undefined || involuntary === undefined ? null : [voluntary, involuntary]
  }

  /** Whether /proc shows what it is blocked in. */
  permitsSyscall(sampling: Sampling): boolean {
    return sampling.read(this.#syscall) !== 'denied'
  }

  close(): void {
    for (const file of [this.#schedstat, this.#stat, this.#syscall, this.#status]) file.close()
  }

  #times(sampling: Sampling, now: Milliseconds): Times | NotRead {
    if (!sampling.hasSchedstat) {
      return this.look(sampling, now) ?? { cpuMs: this.#statCpuMs, queuedMs: UNKNOWN, turns: null }
    }
    const read = sampling.read(this.#schedstat)
    if (typeof read === 'string') return read
    const [cpu, queued, turns] = read.toString('latin1').split(' ').map(Number)
    return { cpuMs: toMs(cpu), queuedMs: toMs(queued), turns: turns ?? null }
  }

  #readSyscall(sampling: Sampling): string | null {
    const read = sampling.read(this.#syscall)
    return typeof read === 'string' ? null : read.toString('latin1').trimEnd()
  }
}

/** To whole microseconds: a recording holds millions of these. */
function toMs(ns = 0): Milliseconds {
  return Math.round(ns / NS_PER_US) / US_PER_MS
}
