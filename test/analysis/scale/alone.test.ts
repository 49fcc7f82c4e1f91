import { expect, it } from 'vitest'
import { readAlone } from '../../../src/analysis/scale/alone.ts'
import type { RecordOf } from '../../../src/recording/schema.ts'
import { recorded } from '../../support/recorded.ts'
import { signals } from '../../support/signals.ts'

const load = (t: number, requests: number): RecordOf<'load'> => ({
  k: 'load',
  t,
  ms: 1000,
  requests,
  non2xx: 0,
  timeouts: 0,
  errors: 0,
  inFlight: 1,
  sumMs: 5 * requests,
  sumSqMs: 25 * requests,
  latency: requests > 0 ? [[5, requests]] : [],
})
const alone: RecordOf<'alone'> = { k: 'alone', t: 11_000, began: 9800, from: 10_000, connections: 16 }

it('holds the load of the window against the one connection after it', () => {
  const data = recorded([load(9000, 3200), load(11_000, 190), alone])
  const read = readAlone(data, [1000, 9000], signals({ http: { perSecond: 200 }, cpu: { cores: 0.1 } }))
  expect(read).toMatchObject({ requests: 190, perSecond: 200, latencyMs: { mean: 5 } })
  expect(read?.load).toMatchObject({ n: 16, perSecond: 200, cores: 0.1, from: 1000, to: 9000 })
})

it('is silent without it, and of fewer requests than say anything', () => {
  expect(readAlone(recorded([load(9000, 3200)]), [1000, 9000], signals({}))).toBeNull()
  expect(readAlone(recorded([load(9000, 3200), load(11_000, 1), alone]), [1000, 9000], signals({}))).toBeNull()
})

it('takes the one whose answers waited for no acknowledgement, where it is known how many of the load did', () => {
  const held = { ...load(11_000, 20), sumMs: 1000, sumSqMs: 50_000, latency: [[50, 20]] as [number, number][] }
  const data = recorded([
    load(9000, 3200),
    held,
    alone,
    load(13_000, 190),
    { ...alone, t: 13_000, from: 12_000, fresh: true },
  ])
  const read = (clientSockets: { unacked: number } | null) =>
    readAlone(data, [1000, 9000], signals({ http: { perSecond: 200 }, clientSockets }))
  expect(read({ unacked: 8 })?.latencyMs.mean).toBe(5)
  expect(read(null)?.latencyMs.mean).toBe(50)
})
