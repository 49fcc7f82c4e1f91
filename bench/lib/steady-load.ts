import { LoadDriver } from '../../src/load/load-driver.ts'
import { monotonicMs } from '../../src/load/messages.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import type { Milliseconds } from '../../src/units.ts'

/** Closed-loop load from a process of its own, all the time, and how much was answered between any two moments of it. */
export class SteadyLoad {
  readonly #driver = new LoadDriver()
  /** Requests answered until then, on CLOCK_MONOTONIC. */
  readonly #answered: { at: Milliseconds; requests: number }[] = []
  #failed = 0

  static async start(url: string, paths: readonly string[], connections: number): Promise<SteadyLoad> {
    const load = new SteadyLoad()
    const add = (record: AnyRecord) => load.#add(record)
    load.#driver.start({
      sink: { string: () => 0, stack: () => 0, add },
      now: monotonicMs,
      processes: () => [],
    })
    load.#answered.push({ at: monotonicMs(), requests: 0 })
    await load.#driver.drive({ url, connections, paths: [...paths] })
    return load
  }

  /** Requests that were not answered, or not with 2xx, so far. */
  get failed(): number {
    return this.#failed
  }

  /** Until when it has been told what was answered. */
  get knownUntil(): Milliseconds {
    return this.#answered.at(-1)?.at ?? 0
  }

  /** Requests a second: counts are told each 250 ms, in between they are taken as even. */
  rate(from: Milliseconds, to: Milliseconds): number {
    return ((this.#answeredUntil(to) - this.#answeredUntil(from)) / (to - from)) * 1000
  }

  stop(): Promise<void> {
    return this.#driver.stop()
  }

  #answeredUntil(t: Milliseconds): number {
    const after = this.#answered.findIndex(({ at }) => at >= t)
    const [a, b] = [this.#answered[after - 1], this.#answered[after]]
    if (!a || !b) throw new Error('the load was not running then')
    return a.requests + ((t - a.at) / (b.at - a.at)) * (b.requests - a.requests)
  }

  #add(record: AnyRecord): void {
    if (record.k !== 'load') return
    this.#failed += record.non2xx + record.errors + record.timeouts
    const before = this.#answered.at(-1)?.requests ?? 0
    this.#answered.push({ at: record.t, requests: before + record.requests })
  }
}
