import { describe, expect, it } from 'vitest'
import { globalMutex } from '../../src/detectors/global-mutex.ts'
import { oversubscription } from '../../src/detectors/oversubscription.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { spinlockBurn } from '../../src/detectors/spinlock-burn.ts'
import { evidenceOf, findingOf, lock, signals, verdictOf } from '../support/signals.ts'

const STACK = ['SpinLock::lock() (/srv/spin.h:12)', 'search(Query) (/srv/main.cpp:40)', 'start_thread (libc.so.6)']

/** So much of the CPU of two cores in loops that wait. */
const spinning = (share: number, cores = 2 * share) => ({
  spin: { share, cores, places: [{ stack: STACK, share: 1 }], fidelity: 'sampled' as const },
})

describe('limits', () => {
  it.each([
    ['just under', spinning(0.199), 'clean'],
    ['at the limit', spinning(0.2), 'warning'],
    ['just under critical', spinning(0.499), 'warning'],
    ['critical', spinning(0.5), 'critical'],
    ['just enough of a core', spinning(0.9, 0.25), 'critical'],
    ['too little of a core', spinning(0.9, 0.249), 'clean'],
    ['nobody saw what runs', { spin: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(spinlockBurn, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it('a service that uses all cores', () => {
    expect(verdictOf(spinlockBurn, { cpu: { cores: 2 } })).toBe('clean')
  })
})

describe('finding', () => {
  it('says how much, and where', () => {
    const finding = findingOf(spinlockBurn, spinning(0.8, 1.5))
    expect(finding.summary).toBe(
      '80 % of the CPU goes into loops that only wait for another thread (limit 20 %), 1.5 of 2 cores, most in SpinLock::lock() (spin.h:12).',
    )
    expect(evidenceOf(finding, 'cores in waiting loops')).toBe(1.5)
    expect(finding.where[0]?.stack).toEqual(STACK)
  })

  it('explains the run queue that it makes', () => {
    const ills = { ...spinning(0.8), runQueue: { runnableThreads: 14, threadSecondsPerSecond: 12 } }
    const results = runDetectors(signals(ills), {}, [spinlockBurn, oversubscription])
    expect(results.map(({ id, status }) => [id, status])).toEqual([
      ['spinlock-burn', 'found'],
      ['oversubscription', 'not-applicable'],
    ])
  })

  it('is explained by the mutex that spins before it sleeps', () => {
    const locks = [lock({ heldUp: 12, waitSeconds: 120, holdPerSecond: 0.98 })]
    const lockWait = { ratio: 0.8, seconds: 120, threadSecondsPerSecond: 12, locks }
    const results = runDetectors(signals({ ...spinning(0.3), lockWait }), {}, [globalMutex, spinlockBurn])
    expect(results.find(({ id }) => id === 'spinlock-burn')?.status).toBe('not-applicable')
  })
})
