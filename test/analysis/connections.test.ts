import { describe, expect, it } from 'vitest'
import { readConnections } from '../../src/analysis/connections.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { http } from '../support/signals.ts'

const ofNode = (t: number, started: number, connections?: number): RecordOf<'http'> => ({
  k: 'http',
  t,
  pid: 10,
  tid: 10,
  ...(connections !== undefined && { connections }),
  started,
  finished: started,
  aborted: 0,
  non2xx: 0,
  inFlight: 0,
  inFlightPeak: 1,
  sumMs: 0,
  sumSqMs: 0,
  latency: [],
})
const ofNative = (t: number, accepts: number, requests: number): RecordOf<'native-requests'> => ({
  k: 'native-requests',
  t,
  pid: 20,
  accepts,
  requests,
})

describe('readConnections', () => {
  it('of Node', () => {
    expect(readConnections(sourceOf([ofNode(1000, 50, 40), ofNode(2000, 50, 50)]), null)).toEqual({
      opened: 90,
      perSecond: 9,
      requests: 100,
      perRequest: 0.9,
      fidelity: 'exact',
    })
  })

  it('of native processes', () => {
    expect(readConnections(sourceOf([ofNative(1000, 3, 300)]), null)).toMatchObject({ opened: 3, perRequest: 0.01 })
  })

  it.each([
    ['that hand them on, by what the load driver counted', http({ requests: 200 }), 0.5],
    ['that hand them on, where nobody counted', null, null],
    ['that hand them on, and Node has other requests', http({ source: 'agent' }), null],
  ])('of processes %s', (_, seen, perRequest) => {
    expect(readConnections(sourceOf([ofNative(1000, 100, 0)]), seen)?.perRequest).toBe(perRequest)
  })

  it('of who accepts more', () => {
    expect(readConnections(sourceOf([ofNode(1000, 100, 100), ofNative(1000, 2, 100)]), null)?.opened).toBe(100)
  })

  it('are not known of an older recording, nor of another target', () => {
    expect(readConnections(sourceOf([ofNode(1000, 10)]), null)).toBeNull()
    expect(readConnections(sourceOf([]), null)).toBeNull()
  })
})
