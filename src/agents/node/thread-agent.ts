import { existsSync, isMainThread, readlinkSync, threadId } from './builtins.ts'
import { Channel } from './channel.ts'
import { now } from './clock.ts'
import { Shared } from './shared.ts'
import { Stacks } from './stacks.ts'
import type { AgentConfig, WireRecord } from './wire.ts'

/** One thing measured in this thread. */
export interface Instrument {
  /** Moves what was counted since the last flush into `out`; `t` in ms. */
  flush?(t: number, out: WireRecord[]): void
  /** The recording or the thread ends: the last things worth saying. */
  finish?(t: number, out: WireRecord[]): void
  uninstall(): void
}

/** Workers are many and rarely run: what each sends costs more than what it measures. Less than their beat of 2 s, or each second one were too early. */
const FLUSH_MS = { main: 200, worker: 1900 }
/** Of stacks: one costs 15 µs, several times that in a thread that rarely runs. */
const CAPTURES_PER_SECOND = { main: 1, worker: 0.2 }
/** The exit may wait this long for room in the pipe. */
const FINISH_MS = 20

/** The agent of one thread: its channel, its instruments, and the end of both. */
export class ThreadAgent {
  readonly isMain = isMainThread
  readonly startedAt = now()
  /** A plain field, for it is read at each wait. */
  flushDueAt = this.startedAt
  /** The same: whether `captureStack` would give one. */
  mayCapture = true
  uninstalled = false
  dropped = 0
  readonly config: AgentConfig
  readonly shared: Shared
  readonly #channel: Channel
  readonly #stacks = new Stacks(isMainThread ? CAPTURES_PER_SECOND.main : CAPTURES_PER_SECOND.worker)
  readonly #stopFile: string
  readonly #flushMs = isMainThread ? FLUSH_MS.main : FLUSH_MS.worker
  #instruments: Instrument[] = []
  #pending: WireRecord[] = []

  /** Throws when holdup is not there. */
  constructor(config: AgentConfig) {
    this.config = config
    this.shared = new Shared(config.attached !== true)
    this.#stopFile = `${config.fifo}.stop`
    this.#channel = new Channel(config.fifo, {
      pid: config.pid ?? process.pid,
      tid: osThreadId(),
      askBefore: config.noticesSigpipe === true,
    })
  }

  /** One that is added when holdup has gone meanwhile is undone at once. */
  add(instrument: Instrument): void {
    if (this.uninstalled) instrument.uninstall()
    else this.#instruments.push(instrument)
  }

  /** Queues one record for the next flush. */
  push(record: WireRecord): void {
    if (!this.uninstalled) this.#pending.push(record)
  }

  /** Number of the stack below `above`, undefined when over the rate; see Stacks. */
  captureStack(above: (...args: never[]) => unknown): number | undefined {
    const id = this.#stacks.capture(above, this.#pending)
    this.mayCapture = this.#stacks.mayCapture
    return id
  }

  /** A callback that Node will call: what it throws must not reach the target, which would die of it. */
  guard<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        callback(...args)
      } catch {
        this.dropped++
      }
    }
  }

  /** Called often; flushes when it is due. */
  beat(t: number): void {
    if (this.uninstalled) return
    const due = t >= this.flushDueAt
    if (due && existsSync(this.#stopFile)) this.shared.stop()
    // Another thread may have seen it first.
    if (this.shared.get('stop') > 0) this.finish()
    else if (due) this.flush(t, [])
  }

  /** Sends all that was counted, then `last`. Uninstalls when holdup has gone: this is the dead-man's switch. */
  flush(t: number, last: WireRecord[]): void {
    if (this.uninstalled) return
    this.flushDueAt = t + this.#flushMs
    this.#stacks.refill(t)
    this.mayCapture = this.#stacks.mayCapture
    const out = this.#pending
    this.#pending = []
    try {
      for (const instrument of this.#instruments) instrument.flush?.(t, out)
      out.push(...last)
      this.dropped += this.#channel.dropped
      this.#channel.dropped = 0
      if (this.dropped > 0) out.push({ k: 'dropped', t, n: this.dropped })
      this.dropped = 0
      this.#channel.send(out)
    } catch {
      this.#channel.close() // Never the target's problem.
    }
    if (!this.#channel.closed) return
    this.uninstall()
    if (this.isMain) this.shared.stop()
  }

  /** The last flush: the thread exits or the recording ends. */
  finish(): void {
    if (this.uninstalled) return
    const t = now()
    const last: WireRecord[] = []
    for (const instrument of this.#instruments) instrument.finish?.(t, last)
    this.flush(t, [...last, { k: 'bye' }])
    this.#channel.finish(FINISH_MS)
    this.uninstall()
  }

  /** Leaves the thread as it was. */
  uninstall(): void {
    if (this.uninstalled) return
    this.uninstalled = true
    // What came first goes last: till then the thread is known to have an agent.
    for (const instrument of [...this.#instruments].reverse()) {
      try {
        instrument.uninstall()
      } catch {
        // One that can't be undone must not keep the others in.
      }
    }
    this.#instruments = []
    this.#pending = []
    this.#channel.close()
  }
}

/** The operating system's id of this thread; without /proc one of our own that collides with none. */
function osThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').pop())
  } catch {
    return isMainThread ? process.pid : 0x40000000 + threadId
  }
}
