import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds, PerSecond } from '../units.ts'
import { openConnection } from './connection.ts'
import { type LoadCounts, Tally } from './tally.ts'

export interface LoadOptions {
  /** Base URL of the target, `http:` or `https:`. */
  url: string
  connections: number
  /** Asked for one after the other, over all connections together, from the first again after the last. */
  paths: readonly string[]
  /** A request without an answer for this long is counted as timed out, its connection replaced. */
  timeoutMs: Milliseconds
  /** A connection for each request. */
  reconnect?: boolean
  /** So many requests a second, in place of one after the other: `OpenLoop`. */
  rate?: PerSecond
  /** Ends after so many requests, if a multiple of the connections; otherwise up to one a connection more. */
  requests?: number
}

/** So many connections, each with one request in flight at any time: as many users who wait for their answers. */
export class ClosedLoop {
  readonly #tally = new Tally()
  readonly #open: () => ReturnType<typeof openConnection>
  #connections: ReturnType<typeof openConnection>[] = []
  /** Closed once their last request is answered. */
  #leaving: ReturnType<typeof openConnection>[] = []

  /** Starts at once. */
  constructor({ url, connections, paths, timeoutMs, reconnect = false, requests: limit }: LoadOptions) {
    const base = new URL(url)
    const requests = paths.map((path) => requestBytes(new URL(base.origin + path), reconnect))
    if (requests.length === 0) throw new RangeError('no paths to ask for')
    let made = 0
    const events = {
      reconnect,
      request: () => requests[made++ % requests.length] as Buffer,
      response: this.#tally.response.bind(this.#tally),
      timeout: this.#tally.timeout.bind(this.#tally),
      error: this.#tally.error.bind(this.#tally),
    }
    this.#open = () => openConnection(base, timeoutMs, events)
    this.resize(connections)
    if (limit !== undefined) this.#limit(Math.ceil(limit / connections))
  }

  get inFlight(): number {
    return this.#all.reduce((sum, connection) => sum + connection.pipelinedRequests.size(), 0)
  }

  /** So many connections from now on; those too many end when their requests are answered. */
  resize(connections: number): void {
    while (this.#connections.length < connections) this.#connections.push(this.#open())
    const surplus = this.#connections.splice(connections)
    for (const connection of surplus) connection.responseMax = 1
    this.#leaving = [...this.#leaving, ...surplus].filter(({ destroyed }) => !destroyed)
  }

  /** What came back since the call before. */
  take(): LoadCounts {
    return this.#tally.take()
  }

  /** Resolves when all its requests are answered or lost. */
  async ended(): Promise<void> {
    await this.#closed(Infinity)
  }

  /** Makes no more requests, waits this long for the answers to those in flight, then closes. */
  async drain(ms: Milliseconds): Promise<void> {
    this.#limit(1)
    await this.#closed(ms)
    for (const connection of this.#all) connection.destroy()
  }

  get #all() {
    return [...this.#connections, ...this.#leaving]
  }

  #limit(requestsEach: number): void {
    for (const connection of this.#all) connection.responseMax = requestsEach
  }

  async #closed(withinMs: Milliseconds): Promise<void> {
    const deadline = performance.now() + withinMs
    while (this.#all.some(({ destroyed }) => !destroyed) && performance.now() < deadline) await sleep(2)
  }
}

function requestBytes({ host, pathname, search }: URL, reconnect: boolean): Buffer {
  const connection = reconnect ? 'close' : 'keep-alive'
  return Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: ${connection}\r\n\r\n`)
}
