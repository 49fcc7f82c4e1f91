import { expect, it } from 'vitest'
import { ATTACHED, chooseWindow, WHOLE } from '../../src/analysis/window.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { recorded } from '../support/recorded.ts'

const http = (t: number, started: number): RecordOf<'http'> => ({
  k: 'http',
  t,
  pid: 10,
  tid: 10,
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
const load = (t: number, requests: number, inFlight = 0): RecordOf<'load'> => ({
  k: 'load',
  t,
  ms: 250,
  requests,
  non2xx: 0,
  timeouts: 0,
  errors: 0,
  inFlight,
  sumMs: 0,
  sumSqMs: 0,
  latency: [],
})
const waits = (t: number, kind: RecordOf<'native-wait'>['kind'], waiting: number): RecordOf<'native-wait'> => ({
  k: 'native-wait',
  t,
  pid: 10,
  kind,
  n: 0,
  ms: 1000,
  max: 1000,
  waiting,
  waits: [],
})
const stuck = (t: number): RecordOf<'runtime-blocked'> => ({
  k: 'runtime-blocked',
  t,
  pid: 10,
  tid: 11,
  kind: 'mutex',
  lock: '0x9',
  of: 0,
  owner: 12,
})
const alone = (began: number): RecordOf<'alone'> => ({ k: 'alone', t: 10_500, began, from: 9500, connections: 16 })
const end = (t: number): RecordOf<'end'> => ({ k: 'end', t, reason: 'duration', exit: null, probes: [] })

it.each([
  [
    'from the first request to the last',
    [http(1000, 0), http(3000, 5), http(8000, 5), http(9000, 0), end(10_000)],
    0,
    [2800, 8000],
  ],
  ['after the warm-up', [http(1000, 5), http(8000, 5), end(10_000)], 2000, [2000, 8000]],
  ['all of it without requests', [end(10_000)], 0, [0, 10_000]],
  ['all after the warm-up when the requests ended before it', [http(1000, 5), end(10_000)], 2000, [2000, 10_000]],
  [
    'to where one connection alone follows the load',
    [load(3000, 9), load(9000, 9, 1), load(9200, 0), alone(9300), load(10_400, 20, 1), end(11_000)],
    0,
    [2750, 9000],
  ],
  [
    'not from the readiness request of a driven load',
    [http(1000, 1), load(3000, 9), load(9000, 9), end(10_000)],
    0,
    [2750, 9000],
  ],
  [
    'as long as a driven request gets no answer',
    [load(1000, 9, 32), load(3000, 9, 32), load(9000, 0, 32), load(9500, 0, 0), end(10_000)],
    0,
    [750, 9000],
  ],
  [
    'as long as threads stand at a lock, once there were requests',
    [waits(500, 'mutex', 9), http(1000, 5), http(3000, 5), waits(9000, 'mutex', 9), end(10_000)],
    0,
    [800, 9000],
  ],
  [
    'as long as a JVM says that threads stand at a lock',
    [http(1000, 5), http(3000, 5), stuck(9000), end(10_000)],
    0,
    [800, 9000],
  ],
  [
    'not as long as threads wait for work, or nobody stands at a lock',
    [http(1000, 5), http(3000, 5), waits(9000, 'condition', 9), waits(9000, 'mutex', 0), end(10_000)],
    0,
    [800, 3000],
  ],
  [
    'not before all probes are in a target that ran before',
    [http(500, 5), { k: 'mark', t: 1200, label: ATTACHED }, http(8000, 5), end(10_000)],
    0,
    [1200, 8000],
  ],
] as const)('%s', (_name, records, warmupMs, window) => {
  expect(chooseWindow(recorded(records, { warmupMs }), WHOLE).window).toEqual(window)
})

it.each([
  ['in its middle', { from: 4000, to: 6000 }, [4000, 6000]],
  ['beyond the requests', { from: 9000, to: Infinity }, [9000, 10_000]],
  ['beyond its end', { from: 20_000, to: Infinity }, [10_000, 10_000]],
])('the part that was asked for: %s', (_name, span, window) => {
  const records = [...Array.from({ length: 8 }, (_, i) => http((i + 1) * 1000, 5)), end(10_000)]
  expect(chooseWindow(recorded(records, { warmupMs: 0 }), span).window).toEqual(window)
})
