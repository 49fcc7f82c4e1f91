import { cpuMsOf } from '../../cpu-time.ts'
import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import { firstSockets } from './sockets.ts'
import { type Listener, readListeners, readTable, tcpTables } from './tcp-table.ts'
import { Upstreams } from './upstreams.ts'

const FIND_EVERY_MS = 1000
const RECORD_EVERY_MS = 1000
/** Looks at queues, and at all connections, may each take so little of the time: for the latter the kernel goes through a table of megabytes, most of it empty. */
const PAUSE_TO_LOOK = 800
/** The first looks at all connections come closer, so that a recording of some seconds has a few. */
const FIRST_LOOKS = 12
const PAUSE_AT_FIRST = 200

/** What was seen of one port's queue since it was last recorded. */
interface Seen {
  waitingMs: number
  someMs: Milliseconds
  peak: number
}

/** How many connections wait until the target accepts them, for each port that it listens on over TCP; and those that it makes itself. */
export class AcceptQueues {
  readonly #sink: Sink
  readonly #upstreams: Upstreams
  /** Inodes of the target's listening sockets. */
  #own = new Set<string>()
  /** Tables that these are in. */
  #tables: string[] = []
  readonly #said = new Set<string>()
  readonly #seen = new Map<number, Seen>()
  #findDue: Milliseconds = -Infinity
  #finds = 0
  #lookDue: Milliseconds = -Infinity
  /** What looking at the queues alone takes. */
  #lookMs: Milliseconds = 0
  #lookedAt: Milliseconds | null = null
  #recordedAt: Milliseconds | null = null

  constructor(sink: Sink) {
    this.#sink = sink
    this.#upstreams = new Upstreams(sink)
  }

  look(t: Milliseconds, pids: readonly number[]): void {
    this.#recordedAt ??= t
    if (t >= this.#findDue) {
      const took = cpuMsOf(() => this.#find(t, pids))
      const pause = this.#finds++ < FIRST_LOOKS ? PAUSE_AT_FIRST : PAUSE_TO_LOOK
      this.#findDue = t + Math.max(FIND_EVERY_MS, took * pause)
      this.#lookDue = t + this.#lookMs * PAUSE_TO_LOOK
    } else if (t >= this.#lookDue && this.#tables.length > 0) {
      this.#lookMs = cpuMsOf(() => this.#count(t, this.#tables.flatMap(readListeners)))
      this.#lookDue = t + this.#lookMs * PAUSE_TO_LOOK
    }
    if (t - this.#recordedAt >= RECORD_EVERY_MS) this.record(t)
  }

  /** Adds what waited since the last record: nothing of a queue that was empty. */
  record(t: Milliseconds): void {
    const ms = t - (this.#recordedAt ?? t)
    this.#recordedAt = t
    for (const [port, seen] of this.#seen) this.#sink.add({ k: 'accept-queue', t, port, ms, ...seen })
    this.#seen.clear()
  }

  #find(t: Milliseconds, pids: readonly number[]): void {
    const [pid] = pids
    const tables = pid === undefined ? [] : tcpTables(pid).map((path) => ({ path, ...readTable(path) }))
    const ports = new Map(tables.flatMap(({ listeners }) => listeners.map(({ inode, port }) => [inode, port])))
    this.#own = new Set()
    const owners = new Map<string, number>()
    for (const owner of pids) {
      for (const inode of firstSockets(owner)) {
        owners.set(inode, owner)
        const port = ports.get(inode)
        if (port === undefined) continue
        this.#own.add(inode)
        this.#say(t, owner, port)
      }
    }
    const isOwn = ({ inode }: Listener) => this.#own.has(inode)
    this.#tables = tables.flatMap(({ path, listeners }) => (listeners.some(isOwn) ? [path] : []))
    this.#count(
      t,
      tables.flatMap(({ listeners }) => listeners),
    )
    const connections = tables.flatMap((table) => table.connections)
    this.#upstreams.look(t, connections, owners, new Set(ports.values()))
  }

  #say(t: Milliseconds, pid: number, port: number): void {
    const key = `${pid} ${port}`
    if (this.#said.has(key)) return
    this.#said.add(key)
    this.#sink.add({ k: 'listener', t, pid, port })
  }

  /** As many as wait now are taken to have waited since the look before. */
  #count(t: Milliseconds, listeners: readonly Listener[]): void {
    const ms = t - (this.#lookedAt ?? t)
    this.#lookedAt = t
    const waiting = new Map<number, number>()
    for (const { inode, port, waiting: n } of listeners)
      if (n > 0 && this.#own.has(inode)) waiting.set(port, (waiting.get(port) ?? 0) + n)
    for (const [port, n] of waiting) {
      const { waitingMs, someMs, peak } = this.#seen.get(port) ?? { waitingMs: 0, someMs: 0, peak: 0 }
      this.#seen.set(port, { waitingMs: waitingMs + n * ms, someMs: someMs + ms, peak: Math.max(peak, n) })
    }
  }
}
