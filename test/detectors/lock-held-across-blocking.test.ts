import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { globalMutex } from '../../src/detectors/global-mutex.ts'
import { lockHeldAcrossBlocking } from '../../src/detectors/lock-held-across-blocking.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { evidenceOf, findingOf, lock, resultOf, signals, verdictOf } from '../support/signals.ts'

const READ = ['read (libc.so.6)', 'fetch (/srv/store.cpp:40)']
const blocked = (share: number, behindLock = 0): Lock['holderBlocked'] => ({
  share,
  behindLock,
  in: 'read',
  stack: READ,
})
/** One lock whose holder is blocked for a share of the time. */
const held = (share: number, values: Partial<Lock> = {}, ratio = 0.6) => ({
  lockWait: { ratio, seconds: 60, locks: [lock({ holderBlocked: blocked(share), ...values })] },
  cpu: { cores: 0.8, available: 2 },
})

describe('limits', () => {
  it.each([
    ['its holder blocked just under half of the time', held(0.49), 'clean'],
    ['half of the time', held(0.5), 'critical'],
    ['held up just under the limit', held(0.9, { heldUp: 0.49 }), 'clean'],
    ['held up at the limit', held(0.9, { heldUp: 0.5 }), 'critical'],
    ['a single waiter', held(0.9, { waiterThreads: 1 }), 'clean'],
    ['share of wait just under the limit', held(0.9, {}, 0.099), 'clean'],
    ['share of wait at the limit', held(0.9, {}, 0.1), 'warning'],
    ['share of wait just under critical', held(0.9, {}, 0.499), 'warning'],
    ['share of wait at critical', held(0.9, {}, 0.5), 'critical'],
    ['CPU just under its limit', { ...held(0.9), cpu: { cores: 1.19, available: 2 } }, 'critical'],
    ['CPU at its limit: little is left to gain', { ...held(0.9), cpu: { cores: 1.2, available: 2 } }, 'warning'],
    ['CPU not measured', { ...held(0.9), cpu: null }, 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(lockHeldAcrossBlocking, ills)).toBe(expected)
  })
})

it('a lock is held against the time of its own process', () => {
  const locks = [1, 2, 3].map((pid) => lock({ id: `L${pid}`, pid, holderBlocked: blocked(0.9), waitSeconds: 5 }))
  const diluted = { ratio: 0.2, seconds: 60, locks }
  const byProcess = new Map([[2, { seconds: 5, ratio: 0.75 }]])
  const { findings } = resultOf(lockHeldAcrossBlocking, { ...held(0.9), lockWait: { ...diluted, byProcess } })
  expect(findings.map(({ severity, locks: of }) => [severity, of])).toEqual([['critical', ['L2']]])
})

describe('look-alikes', () => {
  it.each([
    ['no lock at all', {}, 'clean'],
    ['a holder that waits in the queue of another lock', held(1, { holderBlocked: blocked(1, 0.6) }), 'clean'],
    ['an I/O thread that holds a lock which nobody waits for', held(1, { heldUp: 0, waiterThreads: 0 }), 'clean'],
    ['a pool parked on a condition variable', held(1, { role: 'idle' }), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(lockHeldAcrossBlocking, ills)).toBe(expected)
  })

  it('a lock that does not say who holds it gives no verdict', () => {
    const { status, missing } = resultOf(lockHeldAcrossBlocking, held(0, { holderBlocked: null }))
    expect([status, ...missing]).toEqual(['not-applicable', 'what the holder of the lock does'])
  })
})

describe('finding', () => {
  const finding = findingOf(lockHeldAcrossBlocking, held(0.9, { id: 'L3' }))

  it('names the lock, the call, and the share of the looks', () => {
    expect(finding.summary).toBe(
      '6 threads on average wait for the mutex waited for in lock (mutex.mjs:20), called by search (limit 0.5) while the thread that holds it is itself blocked, in 90 % of the samples of it (limit 50 %), mostly in read.',
    )
    expect(evidenceOf(finding, 'holder blocked')).toBe(0.9)
    expect(finding.where[0]).toEqual({ role: 'holder, blocked', stack: READ })
    expect(finding.locks).toEqual(['L3'])
  })

  it('says no call where nobody saw in which', () => {
    const unseen = { ...blocked(0.9), in: '' } as Lock['holderBlocked']
    expect(findingOf(lockHeldAcrossBlocking, held(0.9, { holderBlocked: unseen })).summary).toMatch(/limit 50 %\)\.$/)
  })

  it('is the only one about its lock; another lock is still a global mutex', () => {
    const both = held(0.9, { id: 'L1' })
    const detectors = [lockHeldAcrossBlocking, globalMutex]
    const [, alone] = runDetectors(signals(both), {}, detectors)
    expect(alone?.findings).toEqual([])
    both.lockWait.locks.push(lock({ id: 'L2', heldUp: 2, waitSeconds: 20 }))
    both.lockWait.seconds = 80
    const [first, second] = runDetectors(signals(both), {}, detectors)
    expect([first, second].map((result) => result?.findings.map(({ locks }) => locks))).toEqual([[['L1']], [['L2']]])
  })
})
