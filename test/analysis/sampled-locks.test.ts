import { describe, expect, it } from 'vitest'
import { readLockWait } from '../../src/analysis/locks.ts'
import { readSampledLocks } from '../../src/analysis/sampled-locks.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const strings = ['futex 0x80 2', 'running', 'lock (a.cpp:1)', 'read', 'serve (a.cpp:9)']
const stacks = [[2, 4]]
const blocked = (fields: Partial<RecordOf<'blocked'>>): RecordOf<'blocked'> => {
  const wait = { wait: 0, kind: 'mutex', state: 'contended' as const, lock: '0x10', stack: 0 }
  return { k: 'blocked', t: 1000, pid: 10, ...wait, n: 10, ms: 2000, queuedMs: 100, tids: [11, 12], ...fields }
}
const sampled: AnyRecord = {
  k: 'sampled',
  t: 1000,
  pid: 10,
  ms: 1000,
  sweeps: 50,
  threads: 3,
  looked: 3,
  runningMs: 0,
  unknownMs: 0,
}
const switches = (voluntary: number): AnyRecord => ({ k: 'switches', t: 1000, pid: 10, voluntary, involuntary: 0 })
const read = (...records: AnyRecord[]) => readSampledLocks(sourceOf([sampled, ...records], { strings, stacks }))

it('adds up a lock over its records, and who held it', () => {
  const locks = read(
    blocked({}),
    blocked({ t: 2000, tids: [12, 13] }),
    { k: 'holder', t: 1000, pid: 10, tid: 12, lock: '0x10', doing: 3, n: 3 },
    { k: 'holder', t: 1000, pid: 10, tid: 13, lock: '0x10', doing: 1, n: 1 },
  )?.locks
  expect(locks).toEqual([
    {
      pid: 10,
      address: '0x10',
      kind: 'mutex',
      // Seen in 20 of 150 looks: off by two standard errors, sqrt(13/15/20) each.
      secondsLow: expect.closeTo(4 * (1 - 0.4163), 3),
      secondsHigh: expect.closeTo(4.2 * (1 + 0.4163), 3),
      waiterThreads: 3,
      writeShare: null,
      waiters: [{ stack: ['lock (a.cpp:1)', 'serve (a.cpp:9)'], seconds: 4 }],
      holders: [
        { tid: 12, doing: 'read', stack: [], share: 0.75 },
        { tid: 13, doing: 'running', stack: [], share: 0.25 },
      ],
    },
  ])
})

it('neither idle nor unclassified waits are lock waits', () => {
  const found = read(blocked({ state: 'idle' }), blocked({ state: 'unclassified', kind: 'futex' }))
  expect(found).toEqual({
    secondsLow: 0,
    secondsHigh: 0,
    unclassifiedSeconds: 2,
    storm: false,
    locks: [],
    msByThread: new Map(),
  })
  expect(read(blocked({ state: 'unclassified', kind: 'futex', tids: [11] }))?.unclassifiedSeconds).toBe(0)
})

it('a storm is told by voluntary switches over the window', () => {
  expect(read(switches(99_000))?.storm).toBe(false)
  expect(read(switches(101_000))?.storm).toBe(true)
})

it('is null where nothing was sampled', () => {
  expect(readSampledLocks(sourceOf([blocked({})], { strings, stacks }))).toBeNull()
})

describe('of a process with an agent', () => {
  const agent: AnyRecord = { k: 'native', t: 0, pid: 10, libc: 'glibc' }
  const libc = ['__lll_lock_wait_private (libc.so.6)', 'malloc (libc.so.6)', 'parse (a.cpp:3)']
  const inside = {
    strings: [...strings, ...libc],
    stacks: [
      [2, 4],
      [5, 6, 7],
    ],
  }
  const source = (...records: AnyRecord[]) => sourceOf([agent, sampled, ...records], inside)

  it('only locks inside the C library count, which the agent does not see', () => {
    const found = readLockWait(source(blocked({}), blocked({ lock: '0x20', stack: 1, n: 20 })), new Map())?.lockWait
    expect(found?.locks.map(({ slot, waits, fidelity }) => [slot, waits, fidelity])).toEqual([
      ['0x20', null, 'sampled'],
    ])
    // Seen in 20 of 150 looks.
    expect(found?.secondsLow).toBeCloseTo(2 * (1 - 0.4163), 3)
    expect(found?.secondsHigh).toBeCloseTo(2.1 * (1 + 0.4163), 3)
    expect(found?.fidelity).toBe('sampled')
  })

  it('their time is that of the threads that were noted', () => {
    const found = readSampledLocks(source(blocked({ lock: '0x20', stack: 1, n: 20 })))
    expect([...(found?.msByThread ?? [])]).toEqual([
      ['10/11', 1000],
      ['10/12', 1000],
    ])
  })

  it('a few looks are noise, and leave what was counted exact', () => {
    expect(readLockWait(source(blocked({ stack: 1, n: 19 })), new Map())?.lockWait).toMatchObject({
      locks: [],
      fidelity: 'exact',
    })
  })
})

describe('of a read-write lock', () => {
  const sides = ['pthread_rwlock_rdlock (libc.so.6)', 'pthread_rwlock_wrlock (libc.so.6)']
  const of = (...records: AnyRecord[]) =>
    readSampledLocks(sourceOf([sampled, ...records], { strings: [...strings, ...sides], stacks: [[5], [6]] }))

  it('the share of writers is that of the time', () => {
    const locks = of(
      blocked({ kind: 'rwlock', stack: 0, ms: 500 }),
      blocked({ kind: 'rwlock', stack: 1, ms: 1500 }),
    )?.locks
    expect(locks?.map(({ writeShare }) => writeShare)).toEqual([0.75])
  })
})
