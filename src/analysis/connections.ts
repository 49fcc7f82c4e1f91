import { nativeShares } from './native-spans.ts'
import type { Source } from './index-records.ts'
import type { Connections, Http } from './signals.ts'

interface Counted {
  opened: number
  requests: number
}

/** Connections accepted, by Node's HTTP servers or by native processes, whichever accepted more; null where nobody counted them. */
export function readConnections(source: Source, http: Http | null): Connections | null {
  const counted = [ofNode(source), ofNative(source, http)].filter((each) => each !== null)
  const [most] = counted.toSorted((a, b) => b.opened - a.opened)
  if (!most) return null
  const { opened, requests } = most
  return {
    opened,
    perSecond: opened / (source.windowMs / 1000),
    requests,
    perRequest: requests > 0 ? opened / requests : null,
    fidelity: 'exact',
  }
}

function ofNode(source: Source): Counted | null {
  const records = source.within('http').filter(({ connections }) => connections !== undefined)
  if (records.length === 0) return null
  return {
    opened: records.reduce((sum, { connections = 0 }) => sum + connections, 0),
    requests: records.reduce((sum, { started }) => sum + started, 0),
  }
}

/** A process that hands its connections to others sees no request on them; the load driver does. */
function ofNative(source: Source, http: Http | null): Counted | null {
  const shareOf = nativeShares(source)
  const records = source.of('native-requests').filter((record) => shareOf(record) > 0)
  if (records.length === 0) return null
  const sum = (field: 'accepts' | 'requests') =>
    records.reduce((all, record) => all + record[field] * shareOf(record), 0)
  return {
    opened: sum('accepts'),
    requests: Math.max(sum('requests'), http?.source === 'client' ? http.requests : 0),
  }
}
