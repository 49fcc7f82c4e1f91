import { describe, expect, it } from 'vitest'
import { delayedAckStall } from '../../src/detectors/delayed-ack-stall.ts'
import { findingOf, type Ills, resultOf, verdictOf } from '../support/signals.ts'

interface Stalled {
  p50?: number
  p90?: number
  unacked?: number
  cores?: number
  source?: 'client' | 'agent'
}

/** 32 requests in flight of which nearly all stand at the plateau. */
const stalled = ({ p50 = 41, p90 = 44, unacked = 30, cores = 0.2, source = 'client' }: Stalled = {}): Ills => ({
  http: { inFlightMean: 32, source, latencyMs: { mean: p50, stddev: 2, p50, p90, p99: 60, max: 90 } },
  clientSockets: { open: 32, unacked },
  cpu: { cores, available: 2 },
})

describe('limits', () => {
  it.each([
    ['a plateau', stalled(), 'info'],
    ['from 38 ms', stalled({ p50: 38, p90: 41 }), 'info'],
    ['just under it', stalled({ p50: 37.9, p90: 40 }), 'clean'],
    ['to 46 ms', stalled({ p50: 46, p90: 48 }), 'info'],
    ['just over it', stalled({ p50: 46.1, p90: 48 }), 'clean'],
    ['5 ms around it', stalled({ p50: 41, p90: 46 }), 'info'],
    ['just more', stalled({ p50: 41, p90: 46.1 }), 'clean'],
    ['half of them sent in part', stalled({ unacked: 16 }), 'info'],
    ['just fewer', stalled({ unacked: 15.9 }), 'clean'],
    ['half of the cores', stalled({ cores: 1 }), 'info'],
    ['just more', stalled({ cores: 1.01 }), 'clean'],
    ['latency as the server sees it', stalled({ source: 'agent' }), 'not-applicable'],
    ['connections that nobody looked at', { ...stalled(), clientSockets: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(delayedAckStall, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a service that waits 42 ms for another one', stalled({ unacked: 0.4 })],
    ['clients that read large answers slowly', stalled({ p50: 300, p90: 900 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(delayedAckStall, ills)).toBe('clean')
  })
})

it('says what waits', () => {
  expect(findingOf(delayedAckStall, stalled()).summary).toBe(
    'Nearly all requests take 40 ms (median 41 ms, p90 44 ms), and on 30 connections (93.8 % of the requests in flight, limit 50 %) part of the answer is sent while the rest waits until the client has acknowledged it: that is the time by which a kernel delays an acknowledgement.',
  )
  expect(resultOf(delayedAckStall, stalled({ source: 'agent' })).missing).toEqual(['latency as a client sees it'])
})
