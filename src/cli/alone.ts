import { BESIDE_ONE_THRESHOLDS as LIMITS } from '../detectors/beside-one.ts'
import { LoadDriver } from '../load/load-driver.ts'
import { measureStep } from '../load/measure-step.ts'
import type { AnyRecord } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import type { DriveContext, Load } from './drive-load.ts'

/** A mean latency under it is no queue worth a second of anybody's time. */
const LATENCY_MS = 5
const STEP = { settleMs: 250, ms: 1000 }
/** Of any run of paths: in this order each has some of all parts of the file (the golden ratio's low discrepancy). */
const STRIDE = (Math.sqrt(5) - 1) / 2
/**
 * An answer that takes so long may have waited for a delayed acknowledgement, which says nothing of the service: on a connection of
 * its own each is acknowledged at once (Linux: TCP_DELACK_MIN is 40 ms, by a clock of 1 to 4 ms).
 */
const DELAYED_MS = 38
/** Nothing answered for so long: it is stuck, and would not answer one alone. */
const STUCK_MS = 1000
/** Ends that nobody waits for. */
const AFTER: ReadonlySet<string> = new Set(['duration', 'load done'])

/**
 * After a load that the target's cores had time to spare under: what one connection alone is answered. Where that is as
 * much, requests wait for each other, in something that no thread waits for.
 */
export class Alone {
  readonly #load: Load
  readonly #cores: number
  readonly #cpu = new Map<number, { from: Milliseconds; to: Milliseconds }>()
  #begun: Milliseconds | null = null
  #until: Milliseconds = 0
  #answeredAt: Milliseconds = 0
  #requests = 0
  #requestMs = 0

  constructor(load: Load, cores: number) {
    this.#load = load
    this.#cores = cores
  }

  /** Each record of the recording, as it comes. */
  observe(record: AnyRecord): void {
    if (record.k === 'load') {
      this.#begun ??= record.t - record.ms
      this.#until = record.t
      if (record.requests > 0) this.#answeredAt = record.t
      this.#requests += record.requests
      this.#requestMs += record.sumMs
    } else if (record.k === 'proc' && this.#begun !== null) {
      const from = this.#cpu.get(record.pid)?.from ?? record.cpuMs
      this.#cpu.set(record.pid, { from, to: record.cpuMs })
    }
  }

  /** Whether it could tell anything about a recording that ended for this reason. */
  isWorthwhile(reason: string): boolean {
    const { connections, rate } = this.#load
    if (!AFTER.has(reason) || rate !== undefined || connections < LIMITS.connections.default || this.#begun === null)
      return false
    const cpuMs = [...this.#cpu.values()].reduce((sum, { from, to }) => sum + to - from, 0)
    if (this.#until - this.#answeredAt > STUCK_MS) return false
    const isIdle = cpuMs < LIMITS.besideIdle.default * this.#cores * (this.#until - this.#begun)
    return isIdle && this.#requestMs >= LATENCY_MS * Math.max(1, this.#requests)
  }

  /** Measures it and adds an `alone` record; one that can't be had is none. */
  async measure(url: string, { target, ending, talk, sink, now }: DriveContext): Promise<void> {
    talk.phase('one connection alone, for the cores were idle')
    const { connections, paths, reconnect } = this.#load
    const began = now()
    sink.add({ k: 'mark', t: began, label: 'one connection alone' })
    const drivers: LoadDriver[] = []
    /** Adds an `alone` record; the mean latency. */
    const drive = async (fresh: boolean): Promise<Milliseconds> => {
      const driver = new LoadDriver()
      drivers.push(driver)
      driver.start({ sink, now, processes: () => [] })
      await driver.drive({
        url,
        connections: 1,
        ...(paths && { paths: spread(paths, fresh) }),
        ...((reconnect || fresh) && { reconnect: true }),
      })
      const { from, to, records } = await measureStep(driver, 1, STEP)
      sink.add({ k: 'alone', t: to, began, from, connections, ...(fresh && { fresh }) })
      await driver.stop()
      const sum = (field: 'requests' | 'sumMs') => records.reduce((all, record) => all + record[field], 0)
      return sum('sumMs') / Math.max(1, sum('requests'))
    }
    let isOver = false
    const both = async () => {
      if ((await drive(false)) >= DELAYED_MS && !reconnect && !isOver) await drive(true)
    }
    await Promise.race([both().catch(() => {}), target.exited, ending.asked])
    isOver = true
    await Promise.all(drivers.map(async (driver) => driver.stop()))
  }
}

/** The same requests as the load's in the little time that there is, as many from each part of the file; another time others. */
function spread(paths: readonly string[], again: boolean): string[] {
  const first = again ? Math.floor(paths.length / 2) : 0
  return paths.map((_, place) => paths[Math.floor((((first + place) * STRIDE) % 1) * paths.length)] as string)
}
