import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { handoffPingPong } from '../../src/detectors/handoff-ping-pong.ts'
import { evidenceOf, findingOf, type Ills, lock, resultOf, verdictOf } from '../support/signals.ts'

/** Two places in which threads wait for each other, together so often for each of 10,000 requests in 10 s. */
function handoffs(
  each: number,
  values: Partial<Lock> = {},
  { switches = 30, ratio = 0.01, requests = 10_000 } = {},
): Ills {
  const place = (id: string, name: string, share: number) =>
    lock({ id, name, role: 'idle', waits: each * share * 10_000, waiterThreads: 4, ...values })
  return {
    lockWait: {
      ratio,
      locks: [place('L1', 'condition variable in serve', 0.5), place('L2', 'condition variable in count', 0.5)],
    },
    switches: { voluntaryPerSecond: switches * 1000 },
    quality: { requests, windowSeconds: 10 },
  }
}

describe('limits', () => {
  it.each([
    ['twenty a request', handoffs(20), 'info'],
    // 4 µs each: 0.02 cores are 5,000 a second.
    ['just enough of them', handoffs(5.01, {}, { requests: 4000 }), 'info'],
    ['just too few a second', handoffs(4.99, {}, { requests: 4000 }), 'clean'],
    ['just under ten a request', handoffs(20, {}, { requests: 20_001 }), 'clean'],
    ['ten a request', handoffs(20, {}, { requests: 20_000, switches: 30 }), 'info'],
    ['ten switches a request', handoffs(20, {}, { switches: 10 }), 'info'],
    ['just fewer: they were spun through', handoffs(20, {}, { switches: 9.9 }), 'clean'],
    ['lock wait at the limit', handoffs(20, {}, { ratio: 0.25 }), 'info'],
    ['more of it: a lock is what they wait for', handoffs(20, {}, { ratio: 0.26 }), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(handoffPingPong, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool that is woken once for a request', handoffs(1)],
    ['stages with a thread each', handoffs(8)],
    ['a lock that is found held often', handoffs(20, { role: 'lock' })],
    ['waits that were only sampled', handoffs(20, { waits: null })],
  ])('%s', (_, ills) => {
    expect(verdictOf(handoffPingPong, ills)).toBe('clean')
  })

  it('no verdict without requests', () => {
    const ills = { ...handoffs(20), quality: { requests: null, windowSeconds: 10 } }
    expect(resultOf(handoffPingPong, ills)).toMatchObject({ missing: ['requests to count the waits against'] })
  })
})

it('says how often, and where', () => {
  const finding = findingOf(handoffPingPong, handoffs(20))
  expect(finding.summary).toBe(
    'Each request wakes a thread 20 times (limit 10), most often at the condition variable in serve: it is handed from one thread to another in small pieces, each with two context switches.',
  )
  expect(evidenceOf(finding, 'CPU of these waits, about')).toBeCloseTo(0.08)
  expect(evidenceOf(finding, 'hand-overs at L2')).toBe(10)
})
