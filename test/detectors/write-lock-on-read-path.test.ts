import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { writeLockOnReadPath } from '../../src/detectors/write-lock-on-read-path.ts'
import { evidenceOf, findingOf, lock, verdictOf } from '../support/signals.ts'

/** A read-write lock by the share of its waits that are to write; the window has 10 s. */
const rwlock = (writeShare: number | null, values: Partial<Lock> = {}, ratio = 0.6) => ({
  lockWait: { ratio, seconds: 60, locks: [lock({ kind: 'rwlock', writeShare, holdPerSecond: null, ...values })] },
})

describe('limits', () => {
  it.each([
    ['writers just under the limit', rwlock(0.49), 'clean'],
    ['writers at the limit', rwlock(0.5), 'critical'],
    ['held up just under the limit', rwlock(1, { heldUp: 0.49 }), 'clean'],
    ['held up at the limit', rwlock(1, { heldUp: 0.5 }), 'critical'],
    ['a single waiter', rwlock(1, { waiterThreads: 1 }), 'clean'],
    ['share of wait just under the limit', rwlock(1, {}, 0.099), 'clean'],
    ['share of wait at the limit', rwlock(1, {}, 0.1), 'warning'],
    ['share of wait at critical', rwlock(1, {}, 0.5), 'critical'],
    ['just under ten waits to write a second', rwlock(1, { waits: 99 }), 'clean'],
    ['ten a second', rwlock(1, { waits: 100 }), 'critical'],
    ['sampled: not counted', rwlock(1, { waits: null }), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(writeLockOnReadPath, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a refresher that writes twice a second, behind which all readers wait', rwlock(0.06, { waits: 320 })],
    ['two refreshers that wait for each other', rwlock(1, { waits: 40 })],
    ['a lock of which nobody knows who wants to write', rwlock(null)],
    ['a mutex', rwlock(1, { kind: 'mutex' })],
  ])('%s', (_, ills) => {
    expect(verdictOf(writeLockOnReadPath, ills)).toBe('clean')
  })
})

it('names the lock with the share of writers', () => {
  const finding = findingOf(writeLockOnReadPath, rwlock(0.9))
  expect(finding.summary).toBe(
    '6 threads on average wait for one read-write lock (limit 0.5), the mutex waited for in lock (mutex.mjs:20), called by search; 90 % of the waits are to write (limit 50 %), so that it lets one pass at a time like any mutex.',
  )
  expect(evidenceOf(finding, 'waits to write')).toBe(0.9)
})
