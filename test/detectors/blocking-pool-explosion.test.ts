import { describe, expect, it } from 'vitest'
import { blockingPoolExplosion } from '../../src/detectors/blocking-pool-explosion.ts'
import type { RuntimePool } from '../../src/analysis/signals.ts'
import { findingOf, type Ills, runtimePool, verdictOf } from '../support/signals.ts'

const pool = (values: Partial<RuntimePool>): Ills => ({
  asyncRuntime: { blockingPool: runtimePool({ running: 0, ...values }) },
})

describe('limits', () => {
  it.each([
    ['just under the limit', pool({ threads: 63.9, inCalls: 60 }), 'clean'],
    ['at the limit', pool({ threads: 64, inCalls: 60 }), 'warning'],
    ['just under the cap', pool({ threads: 499, inCalls: 490 }), 'warning'],
    ['at the cap', pool({ threads: 500, inCalls: 490 }), 'critical'],
    ['in queues of locks', pool({ threads: 100, inLocks: 90 }), 'warning'],
    ['just under eight a core', { ...pool({ threads: 79, inCalls: 70 }), cpu: { available: 10 } }, 'clean'],
    ['eight a core', { ...pool({ threads: 80, inCalls: 70 }), cpu: { available: 10 } }, 'warning'],
    ['full, on many cores', { ...pool({ threads: 505, inCalls: 500 }), cpu: { available: 64 } }, 'critical'],
    ['not full, on many cores', { ...pool({ threads: 499, inCalls: 490 }), cpu: { available: 64 } }, 'clean'],
    ['at rest after a burst', pool({ threads: 200, inCalls: 99 }), 'clean'],
    ['half of them at rest', pool({ threads: 200, inCalls: 100 }), 'warning'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(blockingPoolExplosion, ills)).toBe(expected)
  })
})

it('says how many stand where', () => {
  const stack = ['clock_nanosleep (libc.so.6)', 'service::ask (/srv/service/src/main.rs:9:5)']
  const calls = [{ call: 'clock_nanosleep', isLock: false, stack, threads: 90 }]
  const finding = findingOf(blockingPoolExplosion, pool({ threads: 100, inCalls: 90, calls }))
  expect(finding.summary).toContain('100 threads on average (limit 64), 50 a core, and 90 % of their time')
  expect(finding.summary).toContain('in clock_nanosleep of service::ask (main.rs:9)')
  expect(finding.where).toEqual([{ role: 'blocked in clock_nanosleep', stack, share: 1 }])
})
