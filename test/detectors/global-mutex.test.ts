import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { globalMutex } from '../../src/detectors/global-mutex.ts'
import { evidenceOf, findingOf, lock, verdictOf } from '../support/signals.ts'

/** One lock at a share of wait. */
const contended = (ratio: number, values: Partial<Lock> = {}) => ({
  lockWait: { ratio, seconds: 60, locks: [lock({ holdPerSecond: 0.5, ...values })] },
})

describe('limits', () => {
  it.each([
    ['held up just under the limit', contended(0.6, { heldUp: 0.49, holdPerSecond: 1 }), 'clean'],
    ['held up at the limit', contended(0.6, { heldUp: 0.5 }), 'critical'],
    ['share of wait just under the limit', contended(0.099), 'clean'],
    ['share of wait at the limit', contended(0.1), 'warning'],
    ['share of wait just under critical', contended(0.499), 'warning'],
    ['share of wait at critical', contended(0.5), 'critical'],
    ['hold just under critical', contended(0.2, { holdPerSecond: 0.89 }), 'warning'],
    ['hold at critical', contended(0.2, { holdPerSecond: 0.9 }), 'critical'],
    ['hold at critical, little of the time waited', contended(0.05, { holdPerSecond: 0.9 }), 'critical'],
    ['hold unknown', contended(0.2, { holdPerSecond: null }), 'warning'],
    [
      'CPU of the threads unknown, little of their time waited',
      { ...contended(1, { heldUp: 1.5 }), runQueue: null },
      'clean',
    ],
    [
      'CPU of the threads unknown, half of their time waited',
      { ...contended(1, { heldUp: 8 }), runQueue: null },
      'critical',
    ],
    ['a single waiter', contended(0.6, { waiterThreads: 1 }), 'clean'],
    ['two waiters', contended(0.6, { waiterThreads: 2 }), 'critical'],
    [
      'each waits once, and they are no more than there were at a time',
      { ...contended(0.6, { waits: 40, waiterThreads: 50 }), threads: { peak: 40 } },
      'clean',
    ],
    [
      'each waits once, and they are more',
      { ...contended(0.6, { waits: 41, waiterThreads: 50 }), threads: { peak: 40 } },
      'critical',
    ],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(globalMutex, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['no lock at all', {}],
    ['a pool parked on a condition variable', contended(0, { role: 'idle', heldUp: 14 })],
    ['a wait that could not be told apart', contended(0, { role: 'unclassified', heldUp: 14 })],
    ['a promise lock: it holds up requests, no thread', contended(0, { kind: 'promise-lock', heldUp: 14 })],
    [
      'one pile-up of all threads, as behind a cold cache',
      { ...contended(0.6, { waits: 16, waiterThreads: 16 }), threads: { peak: 20 } },
    ],
  ])('%s', (_, ills) => {
    expect(verdictOf(globalMutex, ills)).toBe('clean')
  })
})

describe('finding', () => {
  const others = [lock({ id: 'L2', heldUp: 0.7 }), lock({ id: 'L3', heldUp: 0.2 })]
  const finding = findingOf(globalMutex, { lockWait: { ratio: 0.9, seconds: 180, locks: [...others, lock()] } })

  it('names the hottest lock with number and limit', () => {
    expect(finding.summary).toBe(
      '6 threads on average wait for one lock (limit 0.5), the mutex waited for in lock (mutex.mjs:20), called by search; it is held 95 % of the time (limit 90 %), so only one of them works at a time.',
    )
    expect(finding.cost).toEqual({ threadsHeldUp: 6, gain: null })
  })

  it('says what share is waited where the lock is not held all the time', () => {
    expect(findingOf(globalMutex, contended(0.2)).summary).toMatch(
      /they spend 20 % of their time in the queue \(limit 10 %\)\.$/,
    )
  })

  it('shows waiters, holder, and other contended locks', () => {
    expect(finding.where.map(({ role, stack }) => [role, stack[0]])).toEqual([
      ['waiters', 'lock (/srv/app/mutex.mjs:20:5)'],
      ['holder', 'unlock (/srv/app/mutex.mjs:30:5)'],
    ])
    expect(evidenceOf(finding, 'held up by L2')).toBe(0.7)
    expect(evidenceOf(finding, 'held up by L3')).toBeUndefined()
  })
})
