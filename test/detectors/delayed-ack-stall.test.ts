import { describe, expect, it } from 'vitest'
import { delayedAckStall } from '../../src/detectors/delayed-ack-stall.ts'
import { findingOf, type Ills, resultOf, verdictOf } from '../support/signals.ts'

interface Stalled {
  p50?: number
  unackedMs?: number
  inFlight?: number
  cores?: number
  source?: 'client' | 'agent'
}

/** 800 requests a second, each of which stands for 40 ms. */
const stalled = ({ p50 = 41, unackedMs = 40, inFlight = 34, cores = 0.2, source = 'client' }: Stalled = {}): Ills => ({
  http: {
    inFlightMean: inFlight,
    perSecond: 800,
    source,
    latencyMs: { mean: p50, stddev: 2, p50, p90: p50 + 3, p99: 60, max: 90 },
  },
  clientSockets: { open: inFlight, unacked: unackedMs * 0.8 },
  cpu: { cores, available: 2 },
})

describe('limits', () => {
  it.each([
    ['a plateau', stalled(), 'info'],
    ['from 38 ms', stalled({ p50: 38 }), 'info'],
    ['just under it', stalled({ p50: 37.9 }), 'clean'],
    ['with work of its own', stalled({ p50: 62, inFlight: 50 }), 'info'],
    ['for every second request', stalled({ unackedMs: 20, inFlight: 32 }), 'info'],
    ['just less', stalled({ unackedMs: 19.9, inFlight: 31 }), 'clean'],
    ['of 55 ms', stalled({ p50: 56, unackedMs: 55 }), 'info'],
    ['just more', stalled({ p50: 56, unackedMs: 55.1 }), 'clean'],
    ['half of them sent in part', stalled({ p50: 80, inFlight: 64 }), 'info'],
    ['just fewer', stalled({ p50: 80, inFlight: 64.1 }), 'clean'],
    ['three quarters of the cores', stalled({ cores: 1.5 }), 'info'],
    ['just more', stalled({ cores: 1.51 }), 'clean'],
    ['latency as the server sees it', stalled({ source: 'agent' }), 'not-applicable'],
    ['connections that nobody looked at', { ...stalled(), clientSockets: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(delayedAckStall, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a service that waits 42 ms for another one', stalled({ unackedMs: 0.5 })],
    ['clients that read large answers slowly', stalled({ p50: 300, unackedMs: 280, inFlight: 240 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(delayedAckStall, ills)).toBe('clean')
  })
})

it('says what waits', () => {
  expect(findingOf(delayedAckStall, stalled()).summary).toBe(
    "Of a request's 41 ms (median) some 40 ms pass while part of the answer is sent and the rest waits until the client has acknowledged it, which its kernel delays by 40 ms: so on 32 connections at a time (94.1 % of the requests in flight, limit 50 %).",
  )
  expect(resultOf(delayedAckStall, stalled({ source: 'agent' })).missing).toEqual(['latency as a client sees it'])
})
