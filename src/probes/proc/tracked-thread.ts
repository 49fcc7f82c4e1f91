import type { SweepRow } from '../../recording/sweep.ts'
import type { Milliseconds } from '../../units.ts'
import { KeptFile } from './kept-file.ts'
import { type Sampling, UNKNOWN } from './sampling.ts'
import { parseStat } from './stat.ts'
import { waitText } from './wait.ts'

/** Programs name their threads some time after they start them. */
const NAME_EVERY_MS = 1000
const NS_PER_US = 1e3
const US_PER_MS = 1e3
/** The last two lines of a status file. */
const SWITCHES = /voluntary_ctxt_switches:\s*(\d+)\nnonvoluntary_ctxt_switches:\s*(\d+)/
const SWITCHES_BYTES = 128

/** One thread of the target. */
export class TrackedThread {
  readonly tid: number
  name = ''
  /** Null until it was looked at. */
  began: Milliseconds | null = null
  readonly #sampling: Sampling
  readonly #schedstat: KeptFile
  readonly #stat: KeptFile
  readonly #syscall: KeptFile
  readonly #status: KeptFile
  #times = ''
  #cpuMs: Milliseconds = 0
  #queuedMs: Milliseconds = UNKNOWN
  #line: string | null = ''
  #lookedAt = -Infinity
  #state = '?'
  #wait = UNKNOWN

  constructor(folder: string, tid: number, sampling: Sampling) {
    this.tid = tid
    this.#sampling = sampling
    const file = (name: string) => new KeptFile(`${folder}/${tid}/${name}`, sampling.budget)
    this.#schedstat = file('schedstat')
    this.#stat = file('stat')
    this.#syscall = file('syscall')
    this.#status = file('status')
  }

  /** Reads its stat line: state, name and CPU ticks. False when that did not go (`sampling.why`). */
  look(now: Milliseconds): boolean {
    const line = this.#sampling.text(this.#stat)
    if (line === null) return false
    const stat = parseStat(line)
    this.name = stat.comm
    this.began = this.#sampling.began(stat.start, now)
    this.#state = stat.state
    if (!this.#sampling.hasSchedstat) this.#cpuMs = stat.cpuTicks * this.#sampling.tickMs
    this.#lookedAt = now
    return true
  }

  /** Its row of this sweep; null when that did not go (`sampling.why`). */
  row(now: Milliseconds, mayReadSyscall: boolean): SweepRow | null {
    const ran = this.#readTimes()
    if (ran === null) return null
    const line = mayReadSyscall ? (this.#sampling.text(this.#syscall)?.trimEnd() ?? null) : null
    const known = line === 'running' || (line !== null && line === this.#line && !ran)
    if (known && now - this.#lookedAt < NAME_EVERY_MS) {
      if (line === 'running') this.#state = 'R'
    } else if (this.#lookedAt !== now && !this.look(now)) return null
    if (line !== this.#line) {
      const text = line === null ? null : waitText(line)
      this.#wait = text === null ? UNKNOWN : this.#sampling.wait(text)
      this.#line = line
    }
    return [this.tid, this.#cpuMs, this.#queuedMs, this.#state, this.#state === 'R' ? UNKNOWN : this.#wait]
  }

  /** Its context switches so far, voluntary and not; null when it cannot be read. */
  switches(): [voluntary: number, involuntary: number] | null {
    const found = SWITCHES.exec(this.#sampling.text(this.#status, SWITCHES_BYTES) ?? '')
    return found && [Number(found[1]), Number(found[2])]
  }

  /** Whether the kernel lets holdup see what it is blocked in. */
  permitsSyscall(): boolean {
    return this.#sampling.text(this.#syscall) !== null || this.#sampling.why !== 'denied'
  }

  close(): void {
    for (const file of [this.#schedstat, this.#stat, this.#syscall, this.#status]) file.close()
  }

  /** Whether it may have run since the last sweep; null when it cannot be read. */
  #readTimes(): boolean | null {
    if (!this.#sampling.hasSchedstat) return true
    const times = this.#sampling.text(this.#schedstat)
    if (times === null) return null
    // CPU, run-queue delay, and how often it was put on a core: one that did not run since is where it was.
    if (times === this.#times) return false
    this.#times = times
    const [cpu, queued] = times.split(' ', 2)
    this.#cpuMs = toMs(Number(cpu))
    this.#queuedMs = toMs(Number(queued))
    return true
  }
}

/** To whole microseconds: a recording holds millions of these. */
function toMs(ns: number): Milliseconds {
  return Math.round(ns / NS_PER_US) / US_PER_MS
}
