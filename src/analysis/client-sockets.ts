import type { Source } from './index-records.ts'
import type { ClientSockets } from './signals.ts'

/** Connections looked at, all looks together: of fewer no share follows. */
const LOOKED_AT = 32

/** Connections that clients made to the target, as they were looked at; null where too few were. */
export function readClientSockets(source: Source): ClientSockets | null {
  const records = source.within('client-sockets')
  const sum = (field: 'looks' | 'open' | 'unacked') => records.reduce((all, record) => all + record[field], 0)
  const looks = sum('looks')
  return sum('open') < LOOKED_AT
    ? null
    : { open: sum('open') / looks, unacked: sum('unacked') / looks, fidelity: 'sampled' }
}
