import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import { type Connection, readAddress } from './tcp-table.ts'

/** Peers that are noted, those with most connections: a crawler has thousands. */
const PEERS_AT_MOST = 20

/** What the target is connected to over TCP: as a client, by whom it asks; as a server, by what its clients have not got yet. */
export class Upstreams {
  readonly #sink: Sink
  /** Connections as they were last recorded. */
  #before = new Map<string, { pid: number; to: string; n: number }>()

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /**
   * Adds what has changed.
   * @param connections of the target's network namespace
   * @param owners processes by the inodes of their sockets
   * @param ports on which somebody listens there: connections to these came from clients
   */
  look(
    t: Milliseconds,
    connections: readonly Connection[],
    owners: ReadonlyMap<string, number>,
    ports: ReadonlySet<number>,
  ): void {
    const counted = new Map<string, { pid: number; to: string; n: number }>()
    let [open, unacked] = [0, 0]
    const own = connections.filter(({ inode }) => owners.has(inode))
    // What its processes ask each other is no client's.
    const among = new Set(own.filter(({ port }) => !ports.has(port)).map(({ port, peer }) => `${port} ${portOf(peer)}`))
    for (const connection of own) {
      const { port, peer } = connection
      const pid = owners.get(connection.inode)
      if (pid === undefined) continue
      if (ports.has(port)) {
        if (among.has(`${portOf(peer)} ${port}`)) continue
        open++
        if (connection.unacked > 0) unacked++
        continue
      }
      const to = readAddress(peer)
      const key = `${pid} ${to}`
      counted.set(key, { pid, to, n: (counted.get(key)?.n ?? 0) + 1 })
    }
    if (open > 0) this.#sink.add({ k: 'client-sockets', t, looks: 1, open, unacked })
    const now = new Map([...counted].toSorted(([, a], [, b]) => b.n - a.n).slice(0, PEERS_AT_MOST))
    for (const [key, { pid, to, n }] of now)
      if (this.#before.get(key)?.n !== n) this.#sink.add({ k: 'upstream', t, pid, to, n })
    for (const [key, { pid, to }] of this.#before)
      if (!now.has(key)) this.#sink.add({ k: 'upstream', t, pid, to, n: 0 })
    this.#before = now
  }
}

function portOf(peer: string): number {
  return Number.parseInt(peer.split(':')[1] ?? '', 16)
}
