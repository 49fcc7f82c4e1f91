import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds, PerSecond } from '../units.ts'
import type { LoadOptions } from './closed-loop.ts'
import { Durations } from './durations.ts'
import { monotonicMs } from './messages.ts'
import { Pacer } from './pacer.ts'
import { Requester } from './requester.ts'
import { type LoadCounts, Tally } from './tally.ts'

const LOOK_FOR_TIMEOUTS_MS = 50
/** Until the first request: the pacer's thread has started by then. */
const LEAD_MS = 100

interface Waiting {
  path: string
  /** When it was to be sent. */
  dueMs: Milliseconds
}

/**
 * So many requests a second, whatever becomes of those before: as users who do not know of each other. Latency counts from the
 * moment at which a request was due, so that what waits behind a slow one, for a connection too, is not left out (coordinated omission).
 */
export class OpenLoop {
  readonly #tally = new Tally()
  readonly #pacing = new Durations()
  readonly #requester: Requester
  readonly #pacer: Pacer
  readonly #connections: number
  readonly #timeoutMs: Milliseconds
  /** Requests without a connection, in order, and those without an answer, by what takes them back. */
  readonly #queue: Waiting[] = []
  readonly #inFlight = new Map<() => void, Milliseconds>()
  readonly #looking: NodeJS.Timeout

  /** Starts at once. */
  constructor(options: LoadOptions & { rate: PerSecond }) {
    const { url, connections, paths, timeoutMs, rate, reconnect = false } = options
    if (paths.length === 0) throw new RangeError('no paths to ask for')
    this.#connections = connections
    this.#timeoutMs = timeoutMs
    this.#requester = new Requester(new URL(url), { connections, reconnect })
    const startMs = monotonicMs() + LEAD_MS
    let taken = 0
    this.#pacer = new Pacer(rate, BigInt(Math.round(startMs * 1e6)), (due) => {
      for (; taken < due; taken++) this.#take(paths[taken % paths.length] as string, startMs + (taken * 1000) / rate)
    })
    this.#looking = setInterval(() => this.#giveUp(), LOOK_FOR_TIMEOUTS_MS)
  }

  /** Those that wait for a connection too. */
  get inFlight(): number {
    return this.#inFlight.size + this.#queue.length
  }

  /** What came back since the call before, and how exactly it was paced. */
  take(): LoadCounts {
    return { ...this.#tally.take(), pacing: this.#pacing.take(), queued: this.#queue.length }
  }

  /** Makes no more requests, waits this long for the answers to those in flight, then closes. */
  async drain(ms: Milliseconds): Promise<void> {
    this.#pacer.stop()
    const deadline = monotonicMs() + ms
    while (this.inFlight > 0 && monotonicMs() < deadline) await sleep(2)
    clearInterval(this.#looking)
    for (const takeBack of this.#inFlight.keys()) takeBack()
    this.#requester.close()
  }

  #take(path: string, dueMs: Milliseconds): void {
    this.#pacing.add(Math.max(0, monotonicMs() - dueMs))
    if (this.#inFlight.size < this.#connections) this.#send({ path, dueMs })
    else this.#queue.push({ path, dueMs })
  }

  #send({ path, dueMs }: Waiting): void {
    const takeBack = this.#requester.send(path, (outcome) => {
      this.#inFlight.delete(takeBack)
      if (outcome === 'error') this.#tally.error()
      else this.#tally.response(outcome, monotonicMs() - dueMs)
      this.#sendNext()
    })
    this.#inFlight.set(takeBack, dueMs)
  }

  #sendNext(): void {
    const next = this.#queue.shift()
    if (next) this.#send(next)
  }

  /** Requests that are too old by now, whether they were sent or not. */
  #giveUp(): void {
    const before = monotonicMs() - this.#timeoutMs
    while ((this.#queue[0]?.dueMs ?? Infinity) < before) {
      this.#queue.shift()
      this.#tally.timeout()
    }
    for (const [takeBack, dueMs] of this.#inFlight) {
      if (dueMs >= before) continue
      takeBack()
      this.#inFlight.delete(takeBack)
      this.#tally.timeout()
      this.#sendNext()
    }
  }
}
