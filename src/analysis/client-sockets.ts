import type { Source } from './index-records.ts'
import type { ClientSockets } from './signals.ts'

/** Connections that clients made to the target, as they were looked at; null where they were not. */
export function readClientSockets(source: Source): ClientSockets | null {
  const records = source.within('client-sockets')
  const sum = (field: 'looks' | 'open' | 'unacked') => records.reduce((all, record) => all + record[field], 0)
  const looks = sum('looks')
  return looks === 0 ? null : { open: sum('open') / looks, unacked: sum('unacked') / looks, fidelity: 'sampled' }
}
