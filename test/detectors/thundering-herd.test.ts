import { describe, expect, it } from 'vitest'
import { thunderingHerd } from '../../src/detectors/thundering-herd.ts'
import type { Lock } from '../../src/analysis/signals.ts'
import { evidenceOf, findingOf, type Ills, lock, resultOf, verdictOf } from '../support/signals.ts'

/** So many wake-ups for each of 10,000 requests in 10 s, of threads at one condition variable. */
function herd(wakes: number, values: Partial<Lock> = {}, cores = 0.5): Ills {
  const name = 'condition variable waited for in pop (job-queue.h:29)'
  const idle = lock({ role: 'idle', waits: wakes * 10_000, waiterThreads: 32, heldUp: wakes * 0.8, name, ...values })
  return { lockWait: { locks: [idle] }, quality: { requests: 10_000, windowSeconds: 10 }, cpu: { cores } }
}

describe('limits', () => {
  it.each([
    ['all that wait', herd(31), 'warning'],
    ['at the limit', herd(4, { waiterThreads: 8 }), 'info'],
    ['just under it', herd(3.9, { waiterThreads: 8 }), 'clean'],
    ['just enough that wait', herd(7, { waiterThreads: 8 }), 'info'],
    ['just too few', herd(7, { waiterThreads: 7 }), 'clean'],
    ['half of them', herd(16), 'warning'],
    ['just fewer', herd(15.9), 'clean'],
    ['each twice', herd(64), 'critical'],
    ['more often', herd(64.1), 'clean'],
    ['half as many wait at a time', herd(31, { heldUp: 15.5 }), 'warning'],
    ['just fewer', herd(31, { heldUp: 15.4 }), 'clean'],
    ['just under a warning', herd(26, {}, 1.12), 'info'],
    ['at a warning', herd(26, {}, 1.09), 'warning'],
    ['just under critical', herd(26, {}, 0.31), 'warning'],
    ['at critical', herd(26, {}, 0.29), 'critical'],
    ['requests that nobody counted', { ...herd(31), quality: { requests: null } }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(thunderingHerd, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool that wakes one thread for a job', herd(1)],
    ['stages that each have a thread', herd(6, { waiterThreads: 6 })],
    ['threads that look for work by the clock', herd(300)],
    ['threads that each wait for an answer, ten times a request', herd(10, { waiterThreads: 10, heldUp: 1.4 })],
    ['a lock that many wait for', herd(31, { role: 'lock' })],
    ['waits that were only sampled', herd(31, { waits: null })],
  ])('%s', (_, ills) => {
    expect(verdictOf(thunderingHerd, ills)).toBe('clean')
  })
})

it('says how many are woken, and what it costs', () => {
  const finding = findingOf(thunderingHerd, herd(26))
  expect(finding.summary).toBe(
    '26 threads are woken for each request (limit 4), of 32 that wait for work at the condition variable waited for in pop (job-queue.h:29): one gets it, and 96.2 % of the wake-ups are for nothing.',
  )
  expect(evidenceOf(finding, 'CPU of the useless ones, about')).toBeCloseTo(0.1)
  expect(resultOf(thunderingHerd, { ...herd(31), quality: { requests: null } }).missing).toEqual([
    'requests to count the wake-ups against',
  ])
})
