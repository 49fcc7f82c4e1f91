import { describe, expect, it } from 'vitest'
import { readLockWait } from '../../src/analysis/locks.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const wait = (tid: number, fields: Partial<RecordOf<'wait'>> = {}): RecordOf<'wait'> => ({
  k: 'wait',
  t: 5000,
  pid: 10,
  tid,
  slot: '4:0',
  async: false,
  from: 1000,
  n: 10,
  ms: 2000,
  max: 300,
  timedOut: 0,
  taken: 10,
  waits: [[200, 10]],
  ...fields,
})
const notify = (tid: number, fields: Partial<RecordOf<'notify'>> = {}): RecordOf<'notify'> => ({
  k: 'notify',
  t: 5000,
  pid: 10,
  tid,
  slot: '4:0',
  n: 10,
  woken: 10,
  holds: 10,
  holdMs: 500,
  ...fields,
})
const roleOf = (...records: Parameters<typeof sourceOf>[0]) =>
  readLockWait(sourceOf(records), new Map())?.lockWait.locks[0]?.role

describe('lock or idle wait', () => {
  it.each([
    ['a mutex: waiters notify and take it', [wait(11), wait(12), notify(11), notify(12)], 'lock'],
    [
      'a mutex that a thread which never waited takes too',
      [wait(11), wait(12), notify(11), notify(12), notify(13)],
      'lock',
    ],
    [
      'a job queue claimed by compareExchange: its producer never waits',
      [wait(11), wait(12), notify(10, { n: 20, holds: 0, holdMs: 0 })],
      'idle',
    ],
    ['a parked pool: nobody takes the slot', [wait(11, { taken: 0 }), notify(10, { holds: 0, holdMs: 0 })], 'idle'],
    ['a sleep: every wait ends by its time-out', [wait(11, { timedOut: 10, taken: 0 })], 'idle'],
    [
      'a barrier: all wait and notify, none takes it',
      [wait(11, { taken: 0 }), wait(12, { taken: 0 }), notify(11), notify(12)],
      'unclassified',
    ],
    ['nobody seen to notify', [wait(11)], 'unclassified'],
    [
      'half of the notifies from threads that never wait',
      [wait(11), notify(11, { n: 4 }), notify(10, { n: 6 })],
      'unclassified',
    ],
  ])('%s', (_name, records, role) => {
    expect(roleOf(...records)).toBe(role)
  })
})

describe('lock wait', () => {
  it('adds up blocking waits for locks; idle ones and promises stand apart', () => {
    const idle = { slot: '8:0', taken: 0 }
    const records = [
      wait(11),
      wait(12),
      notify(11),
      notify(12),
      wait(13, { ...idle, ms: 9000 }),
      notify(10, { slot: '8:0', holds: 0, holdMs: 0 }),
    ]
    const lockWait = readLockWait(sourceOf(records), new Map())?.lockWait
    expect(lockWait).toMatchObject({ seconds: 4, threadSecondsPerSecond: 0.4, unclassifiedSeconds: 0 })
    expect(lockWait?.locks.map(({ id, role }) => `${id} ${role}`)).toEqual(['L1 lock', 'L2 idle'])
  })

  it('counts a record at the window edge by its share inside', () => {
    const lockWait = readLockWait(sourceOf([wait(11, { from: 8000, t: 12_000 }), notify(11)]), new Map())?.lockWait
    expect(lockWait?.seconds).toBe(1)
  })

  it('counts a wait that never ended', () => {
    const waiting: RecordOf<'waiting'> = { k: 'waiting', t: 7000, pid: 10, tid: 12, slot: '4:0', since: 7000 }
    const lockWait = readLockWait(sourceOf([wait(11), notify(11), waiting]), new Map())?.lockWait
    expect(lockWait?.seconds).toBe(5)
    const ended = wait(12, { t: 9000, from: 7000, n: 1, ms: 2000, taken: 1 })
    expect(readLockWait(sourceOf([wait(11), notify(11), waiting, ended]), new Map())?.lockWait.seconds).toBe(4)
  })

  it('holds: those that were timed stand for all', () => {
    const lock = readLockWait(sourceOf([wait(11), notify(11, { n: 20, holds: 10, holdMs: 500 })]), new Map())?.lockWait
      .locks[0]
    expect(lock?.holdPerSecond).toBeCloseTo(0.1)
  })

  it('stacks that were not captured are spread as the captured ones are', () => {
    const interned = { strings: ['lock (/app/lock.mjs:3:1)', 'search (/app/search.mjs:9:1)'], stacks: [[0, 1]] }
    const records = [wait(11, { stack: 0, ms: 1000 }), wait(12, { ms: 3000 }), notify(11)]
    const lock = readLockWait(sourceOf(records, interned), new Map())?.lockWait.locks[0]
    expect(lock?.waiters).toEqual([{ stack: interned.strings, seconds: 4 }])
    expect(lock?.name).toBe('mutex waited for in lock (lock.mjs:3), called by search')
  })

  it('has the stacks of the whole recording where none was captured in the window', () => {
    const after = wait(11, { from: 20_000, t: 22_000, stack: 0, ms: 500 })
    const source = sourceOf([wait(11), after], { strings: ['lock (mutex.mjs:20:5)'], stacks: [[0]] })
    expect(readLockWait(source, new Map())?.lockWait.locks[0]?.waiters).toEqual([
      { stack: ['lock (mutex.mjs:20:5)'], seconds: 2 },
    ])
  })

  it('is not measured without the agent', () => {
    const source = sourceOf([])
    expect(readLockWait({ ...source, of: () => [] }, new Map())).toBeNull()
  })
})
