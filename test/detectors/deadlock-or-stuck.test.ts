import { describe, expect, it } from 'vitest'
import type { Lock, StuckLock } from '../../src/analysis/signals.ts'
import { deadlockOrStuck } from '../../src/detectors/deadlock-or-stuck.ts'
import { globalMutex } from '../../src/detectors/global-mutex.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { findingOf, lock, signals, verdictOf } from '../support/signals.ts'

const owner = (tid: number, awaits: string | null = null): StuckLock['owner'] => ({
  tid,
  name: `query-${tid}`,
  doing: awaits ? 'futex 0x80 2' : 'recvfrom',
  awaits,
  stack: [`hold${tid} (/srv/a.cpp:${tid})`],
})
const stuck = (values: Partial<StuckLock> = {}): StuckLock => ({ seconds: 8, cores: 0.01, owner: null, ...values })
const standing = (values: Partial<Lock> = {}): Lock => lock({ slot: '0x10', waits: 0, stuck: stuck(), ...values })
const locked = (...locks: Lock[]) => ({ lockWait: { ratio: 0.9, seconds: 60, locks } })

describe('limits', () => {
  it.each([
    ['for just under five seconds', standing({ stuck: stuck({ seconds: 4.99 }) }), 'clean'],
    ['for five seconds', standing({ stuck: stuck({ seconds: 5 }) }), 'critical'],
    ['a single thread that waits', standing({ waiterThreads: 1 }), 'clean'],
    ['two threads', standing({ waiterThreads: 2 }), 'critical'],
    [
      'the process works meanwhile, and nobody knows who holds it',
      standing({ stuck: stuck({ cores: 0.051 }) }),
      'clean',
    ],
    ['it hardly works', standing({ stuck: stuck({ cores: 0.05 }) }), 'critical'],
    ['it works, but who holds it stands still', standing({ stuck: stuck({ cores: 1, owner: owner(7) }) }), 'warning'],
    [
      'it works, but who holds it waits for it',
      standing({ stuck: stuck({ cores: 1, owner: owner(7, '0x10') }) }),
      'critical',
    ],
  ])('%s', (_, one, expected) => {
    expect(verdictOf(deadlockOrStuck, locked(one))).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['no traffic: nobody waits for a lock', {}],
    ['a lock that somebody gets', locked(standing({ stuck: null }))],
  ])('%s', (_, ills) => {
    expect(verdictOf(deadlockOrStuck, ills)).toBe('clean')
  })
})

describe('finding', () => {
  const a = standing({ id: 'L1', slot: '0xa', waiterThreads: 14, stuck: stuck({ owner: owner(1, '0xb') }) })
  const b = standing({ id: 'L2', slot: '0xb', waiterThreads: 1, stuck: stuck({ owner: owner(2, '0xa') }) })
  /** Held by a thread that waits for one of the two. */
  const c = standing({ id: 'L3', slot: '0xc', waiterThreads: 2, stuck: stuck({ owner: owner(3, '0xa') }) })

  it('names the cycle, and all that wait for it are one finding', () => {
    const ills = locked(c, a, b)
    const finding = findingOf(deadlockOrStuck, ills)
    expect(finding.summary).toBe(
      '17 threads wait for locks that are never given back for 8 s (limit 5 s): thread query-1 (1) holds L1 and waits for L2, and thread query-2 (2) holds L2 and waits for L1.',
    )
    expect(finding.locks?.toSorted()).toEqual(['L1', 'L2', 'L3'])
    expect(finding.evidence.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['L1 stands still', 'L2 stands still']),
    )
    expect(finding.where.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['holder of L1', 'holder of L2', 'waiters']),
    )
    const [first, second] = runDetectors(signals(ills), {}, [deadlockOrStuck, globalMutex])
    expect([first?.findings.length, second?.findings.length]).toEqual([1, 0])
  })

  it('an address of another process is another lock', () => {
    const [first] = runDetectors(signals(locked(a, { ...b, pid: 99, waiterThreads: 2 })), {}, [deadlockOrStuck])
    expect(first?.findings.map(({ locks }) => locks)).toEqual([['L1'], ['L2']])
  })

  it('says that a thread waits for what it holds itself', () => {
    const self = standing({ stuck: stuck({ owner: owner(4, '0x10') }) })
    expect(findingOf(deadlockOrStuck, locked(self)).summary).toMatch(
      ': thread query-4 (4) holds L1 and waits for it again.',
    )
  })

  it('names who holds it and in what call, without a cycle', () => {
    const held = standing({ stuck: stuck({ owner: owner(5) }) })
    expect(findingOf(deadlockOrStuck, locked(held)).summary).toBe(
      '16 threads wait for the mutex waited for in lock (mutex.mjs:20), called by search, which nobody got for 8 s (limit 5 s): thread query-5 (5) holds it and is blocked in recvfrom.',
    )
  })
})
