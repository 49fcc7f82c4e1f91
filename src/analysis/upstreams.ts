import type { Source } from './index-records.ts'
import type { Upstreams } from './signals.ts'

const PEERS_KEPT = 20

/** What the target is connected to, as a client; null where that was not looked at. */
export function readUpstreams(source: Source): Upstreams | null {
  if (source.of('listener').length + source.of('upstream').length === 0) return null
  const [from, to] = source.window
  /** By process and peer: the most in the window, what was there at its beginning included. */
  const most = new Map<string, { to: string; n: number }>()
  for (const { t, pid, to: peer, n } of source.of('upstream')) {
    if (t > to) continue
    const key = `${pid} ${peer}`
    const before = t <= from ? 0 : (most.get(key)?.n ?? 0)
    most.set(key, { to: peer, n: Math.max(before, n) })
  }
  const peers = new Map<string, number>()
  for (const { to: peer, n } of most.values()) if (n > 0) peers.set(peer, (peers.get(peer) ?? 0) + n)
  const sorted = [...peers].map(([peer, connections]) => ({ to: peer, connections }))
  return {
    connections: sorted.reduce((sum, { connections }) => sum + connections, 0),
    peers: sorted.toSorted((a, b) => b.connections - a.connections).slice(0, PEERS_KEPT),
    fidelity: 'sampled',
  }
}
