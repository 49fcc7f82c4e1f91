import { expect, it } from 'vitest'
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
  expect(found).toEqual({ secondsLow: 0, secondsHigh: 0, unclassifiedSeconds: 2, storm: false, locks: [] })
  expect(read(blocked({ state: 'unclassified', kind: 'futex', tids: [11] }))?.unclassifiedSeconds).toBe(0)
})

it('a storm is told by voluntary switches over the window', () => {
  expect(read(switches(99_000))?.storm).toBe(false)
  expect(read(switches(101_000))?.storm).toBe(true)
})

it('is null where nothing was sampled', () => {
  expect(readSampledLocks(sourceOf([blocked({})], { strings, stacks }))).toBeNull()
})
