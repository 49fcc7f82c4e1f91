import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { lockConvoy } from '../../src/detectors/lock-convoy.ts'
import { evidenceOf, findingOf, http, lock, resultOf, verdictOf } from '../support/signals.ts'

/** A lock that is found held so often in the 10 s, for which it is held 2 µs; there are 2,500 requests. */
const convoy = (waits: number | null, values: Partial<Lock> = {}, ratio = 0.6) => ({
  lockWait: { ratio, seconds: 60, locks: [lock({ waits, holdMs: 0.002, holdPerSecond: 0.05, ...values })] },
})

describe('limits', () => {
  it.each([
    ['just under one wait a request', convoy(2499), 'clean'],
    ['one wait a request', convoy(2500), 'critical'],
    ['held for just under the limit', convoy(25_000, { holdMs: 0.05 }), 'critical'],
    ['held for longer: that is itself what others wait for', convoy(25_000, { holdMs: 0.051 }), 'clean'],
    ['held up just under the limit', convoy(25_000, { heldUp: 0.49 }), 'clean'],
    ['held up at the limit', convoy(25_000, { heldUp: 0.5 }), 'critical'],
    ['a single waiter', convoy(25_000, { waiterThreads: 1 }), 'clean'],
    ['share of wait just under the limit', convoy(25_000, {}, 0.099), 'clean'],
    ['share of wait at the limit', convoy(25_000, {}, 0.1), 'warning'],
    ['share of wait at critical', convoy(25_000, {}, 0.5), 'critical'],
    ['hold not timed, but so many cannot have taken longer', convoy(200_000, { holdMs: null }), 'critical'],
    ['hold not timed, and it may be longer', convoy(199_999, { holdMs: null }), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(lockConvoy, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['no lock at all', {}],
    ['stages that hand work on: many waits for work', convoy(50_000, { role: 'idle' })],
    ['a global mutex held for a query', convoy(2500, { holdMs: 5 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(lockConvoy, ills)).toBe('clean')
  })

  it.each([
    ['waits that were only sampled', convoy(null), 'the number of waits for the lock'],
    ['requests unknown', { ...convoy(25_000), http: null }, 'requests to count the waits against'],
    ['no requests', { ...convoy(25_000), http: http({ requests: 0 }) }, 'requests to count the waits against'],
  ])('%s: no verdict', (_, ills, missing) => {
    expect(resultOf(lockConvoy, ills)).toMatchObject({ status: 'not-applicable', missing: [missing] })
  })
})

describe('finding', () => {
  it('says how often a request is stopped, for how long, and for what', () => {
    const finding = findingOf(lockConvoy, convoy(250_000))
    expect(finding.summary).toBe(
      'Each request is stopped 100 times (limit 1) by one lock, the mutex waited for in lock (mutex.mjs:20), called by search, and waits 0.24 ms each time for what is held for 0.002 ms (limit 0.05 ms): 6 threads on average wait to be woken.',
    )
    expect(evidenceOf(finding, 'found held')).toBe(100)
  })

  it('says that a hold which was not timed is a bound', () => {
    expect(findingOf(lockConvoy, convoy(250_000, { holdMs: null })).summary).toMatch('held for at most 0.04 ms')
  })
})
