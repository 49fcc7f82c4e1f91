import { describe, expect, it } from 'vitest'
import { standsStillSince, stuckLock } from '../../src/analysis/stuck-lock.ts'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { lock } from '../support/signals.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const strings = ['futex 0x80 2', 'recvfrom', 'running', 'hold (a.cpp:7)']
const stacks = [[3]]
const PID = 30
const SECONDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

/** Each second somebody is seen waiting for 0x10. */
const waiting = (tids: number[]): AnyRecord[] =>
  SECONDS.map((s) => ({
    k: 'blocked',
    t: s * 1000,
    pid: PID,
    wait: 0,
    kind: 'mutex',
    state: 'contended',
    lock: '0x10',
    n: 50,
    ms: 1000 * tids.length,
    queuedMs: 0,
    tids,
  }))
/** CPU of a thread that ran until so many seconds. */
const ran = (tid: number, until: number): AnyRecord[] =>
  SECONDS.map((s) => ({
    k: 'threads',
    t: s * 1000,
    pid: PID,
    of: 1,
    ...columnsOf([[tid, Math.min(s, until) * 10, 0, 'S', 0]]),
  }))
const holder = (t: number, tid: number, values: Partial<RecordOf<'holder'>> = {}): AnyRecord => ({
  k: 'holder',
  t,
  pid: PID,
  tid,
  lock: '0x10',
  doing: 1,
  stack: 0,
  n: 50,
  ...values,
})
const heldBy = (tid: number, values: Partial<RecordOf<'holder'>> = {}) =>
  SECONDS.map((s) => holder(s * 1000, tid, values))
const name: AnyRecord = { k: 'thread', t: 0, pid: PID, tid: 31, name: 'rebalancer' }

function stuck(...records: AnyRecord[]) {
  const source = sourceOf([name, ...records], { strings, stacks })
  return stuckLock(lock({ pid: PID, slot: '0x10' }), source, threadSamples(source))
}

describe('a lock that says who holds it', () => {
  it('stands still since its owner last ran, whatever its waiters do', () => {
    expect(stuck(...waiting([32, 33]), ...ran(31, 2), ...ran(32, 9), ...heldBy(31))).toMatchObject({
      seconds: 8,
      owner: { tid: 31, name: 'rebalancer', doing: 'recvfrom', awaits: null, stack: ['hold (a.cpp:7)'] },
    })
  })

  it('tells what its owner waits for', () => {
    expect(stuck(...waiting([32]), ...ran(31, 2), ...heldBy(31, { awaits: '0x20' }))?.owner?.awaits).toBe('0x20')
  })

  it.each([
    ['its owner runs', [...waiting([32]), ...ran(31, 10), ...heldBy(31)]],
    ['its owner changed since', [...waiting([32]), ...ran(31, 2), ...heldBy(31), holder(6000, 33)]],
    ['nobody waits any more', [...waiting([32]).slice(0, 5), ...ran(31, 2), ...heldBy(31)]],
  ])('does not where %s', (_, records) => {
    expect(stuck(...records)).toBeNull()
  })
})

describe('a lock that does not say', () => {
  it('stands still since the last of its waiters ran', () => {
    expect(stuck(...waiting([32, 33]), ...ran(32, 2), ...ran(33, 4))).toMatchObject({ seconds: 6, owner: null })
  })

  it.each([
    ['one of its waiters ran', [...waiting([32, 33]), ...ran(32, 2), ...ran(33, 10)]],
    ['nothing is known of one', [...waiting([32, 33]), ...ran(32, 2)]],
  ])('does not where %s', (_, records) => {
    expect(stuck(...records)).toBeNull()
  })
})

describe('where the native agent counts', () => {
  const wait = (t: number, n: number): AnyRecord => ({
    k: 'native-wait',
    t,
    pid: PID,
    kind: 'futex-lock',
    lock: '0x10',
    n,
    ms: 1000,
    max: 1000,
    waiting: 1,
    waits: [],
  })
  const unlock = (t: number): AnyRecord => ({
    k: 'native-unlock',
    t,
    pid: PID,
    lock: '0x10',
    n: 1,
    holds: 0,
    holdMs: 0,
  })
  const none = SECONDS.map((s) => wait(s * 1000, 0))

  it('no wait ended', () => {
    expect(stuck(...none)).toMatchObject({ seconds: 10, owner: null })
    expect(stuck(wait(3500, 2), ...none)).toMatchObject({ seconds: 6.5 })
  })

  it('a wait that ended, or an unlock, is progress', () => {
    expect(stuck(...none, wait(9500, 1))).toBeNull()
    expect(stuck(...none, unlock(9500))).toBeNull()
    expect(stuck(...waiting([32]), ...ran(31, 2), ...heldBy(31), ...none, unlock(9500))).toBeNull()
  })
})

describe('a thread that stands still', () => {
  /** It runs until 3 s, and then 0.04 ms a second, looked at each second and just after the last time. */
  const threads = threadSamples(
    sourceOf(
      [...SECONDS, 9.95]
        .toSorted((a, b) => a - b)
        .map((s): AnyRecord => ({
          k: 'threads',
          t: s * 1000,
          pid: PID,
          of: 1,
          ...columnsOf([[31, Math.min(s, 3) * 10 + Math.max(0, Math.floor(s) - 3) * 0.04, 0, 'S', 0]]),
        })),
    ),
  )
  it.each([
    ['may be woken by its runtime', 0.000_25, 3000],
    ['may not, where nobody says so', 0, 10_000],
  ])('%s', (_, idle, since) => {
    expect(standsStillSince(threads.get(`${PID}/31`), 10_000, idle)).toBe(since)
  })
})
