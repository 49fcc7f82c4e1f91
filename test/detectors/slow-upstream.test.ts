import { describe, expect, it } from 'vitest'
import type { ThreadGroup } from '../../src/analysis/signals.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { slowUpstream } from '../../src/detectors/slow-upstream.ts'
import { findingOf, type Ills, lock, signals, verdictOf } from '../support/signals.ts'

const NONE = { onCpu: 0, runnable: 0, lockWait: 0, idleWait: 0, ioWait: 0, sleeping: 0, unknown: 0 }
const LATENCY = { mean: 30, stddev: 4, p50: 28, p90: 33, p99: 41, max: 60 }

/** Ten seconds of a service with 32 requests in flight that wait for a database. */
const waiting = (ills: Ills = {}, seconds: Partial<ThreadGroup['seconds']> = {}): Ills => ({
  http: { inFlightMean: 32, latencyMs: LATENCY },
  upstreams: { connections: 4, peers: [{ to: '10.0.0.5:5432', connections: 4 }] },
  threadTime: [{ group: 'main', threads: 1, seconds: { ...NONE, onCpu: 4, ...seconds } }],
  cpu: { cores: 0.4, available: 2 },
  eventLoop: { mainThreadCpu: 0.4 },
  ...ills,
})

describe('limits', () => {
  it.each([
    ['a service that waits', waiting(), 'info'],
    ['three quarters of the time', waiting({}, { onCpu: 60, runnable: 20 }), 'info'],
    ['just less', waiting({}, { onCpu: 60, runnable: 20.1 }), 'clean'],
    ['one request in flight', waiting({ http: { inFlightMean: 1, latencyMs: LATENCY } }, { onCpu: 2 }), 'info'],
    ['just fewer', waiting({ http: { inFlightMean: 0.99, latencyMs: LATENCY } }, { onCpu: 2 }), 'clean'],
    ['5 ms', waiting({ http: { inFlightMean: 32, latencyMs: { ...LATENCY, p50: 5 } } }), 'info'],
    ['just less than 5 ms', waiting({ http: { inFlightMean: 32, latencyMs: { ...LATENCY, p50: 4.9 } } }), 'clean'],
    ['half of the cores', waiting({ cpu: { cores: 1 } }), 'info'],
    ['just more of them', waiting({ cpu: { cores: 1.01 } }), 'clean'],
    ['half of the main thread', waiting({ eventLoop: { mainThreadCpu: 0.5 } }), 'info'],
    ['just more of it', waiting({ eventLoop: { mainThreadCpu: 0.51 } }), 'clean'],
    ['no connection to anybody', waiting({ upstreams: { connections: 0, peers: [] } }), 'clean'],
    ['connections that nobody looked at', waiting({ upstreams: null }), 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(slowUpstream, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  const locked = (heldUp: number) => waiting({ lockWait: { locks: [lock({ heldUp, kind: 'promise-lock' })] } })

  it.each([
    ['a service that computes', {}],
    ['requests that wait for an asynchronous lock', locked(0.51)],
    [
      'files that Node reads',
      waiting({ threadTime: [{ group: 'libuv-worker', threads: 16, seconds: { ...NONE, ioWait: 90 } }] }),
    ],
  ])('%s', (_, ills) => {
    expect(verdictOf(slowUpstream, ills)).toBe('clean')
  })

  it('a lock that hardly anybody waits for is none of these', () => {
    expect(verdictOf(slowUpstream, locked(0.5))).toBe('info')
  })
})

it('says for whom they wait, or that it may be each other', () => {
  const summary = (connections: number) =>
    findingOf(slowUpstream, waiting({ upstreams: { connections, peers: [{ to: '10.0.0.5:5432', connections }] } }))
      .summary
  const idle = 'Requests take 28 ms (median), and for 98.8 % of it (limit 75 %) no thread of the target does anything: '
  expect(summary(16)).toBe(`${idle}they wait for another service, with connections to 10.0.0.5:5432.`)
  expect(summary(4)).toBe(
    `${idle}they wait for another service or, as 31.6 of them share 4 connections to 10.0.0.5:5432, for each other (holdup scale tells which).`,
  )
})

it('is evidence of a pool that is too small for it', () => {
  const ills = waiting({
    threadTime: [{ group: 'query', threads: 4, seconds: { ...NONE, onCpu: 4, ioWait: 36 } }],
    neighbours: null,
    acceptQueue: null,
    client: null,
  })
  const results = new Map(runDetectors(signals(ills)).map((result) => [result.id, result]))
  expect(results.get('pool-exhausted')?.status).toBe('found')
  expect(results.get('slow-upstream')?.missing).toEqual(['explained by pool-exhausted'])
})
