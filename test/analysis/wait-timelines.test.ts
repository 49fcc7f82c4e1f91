import { expect, it } from 'vitest'
import { blockedThreads, nativeLockWaits } from '../../src/analysis/wait-timelines.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const wait = (t: number, kind: 'mutex' | 'condition', ms: number): AnyRecord => ({
  k: 'native-wait',
  t,
  pid: 20,
  kind,
  lock: '0x10',
  n: 1,
  ms,
  max: ms,
  waiting: 0,
  waits: [],
})
const read = (t: number): AnyRecord => ({ k: 'native-threads', t, pid: 20, rows: [], exited: [0, 0, 0, 0, 0] })
const blocked = (pid: number, state: 'contended' | 'idle'): AnyRecord => ({
  k: 'blocked',
  t: 2000,
  pid,
  wait: 0,
  state,
  n: 1,
  ms: 70,
  queuedMs: 0,
  tids: [],
})

it('lock waits lie in the time since the reading before, as counted, else as sampled', () => {
  const sampled: AnyRecord[] = [1000, 2000].map((t) => ({
    k: 'sampled',
    t,
    pid: 30,
    ms: 1000,
    sweeps: 50,
    threads: 1,
    looked: 1,
    runningMs: 0,
    unknownMs: 0,
  }))
  const source = sourceOf([
    { k: 'native', t: 0, pid: 20, libc: 'glibc' },
    read(1000),
    read(2000),
    wait(2000, 'mutex', 400),
    wait(2000, 'condition', 900),
    ...sampled,
    blocked(20, 'contended'),
    blocked(30, 'contended'),
    blocked(30, 'idle'),
  ])
  expect(nativeLockWaits(source)).toEqual([
    { span: [1000, 2000], ms: 400, lock: '20 0x10' },
    { span: [1000, 2000], ms: 70, lock: null },
  ])
})

it('threads in a state stand for those that a sweep did not look at', () => {
  const columns = columnsOf([
    [21, 0, 0, 'S', 0],
    [22, 0, 0, 'S', 1],
    [23, 0, 0, 'D', -1],
    [24, 0, 0, 'R', -1],
  ])
  const source = sourceOf([{ k: 'threads', t: 100, pid: 20, of: 8, ...columns }], {
    strings: ['read', 'clock_nanosleep'],
  })
  expect(blockedThreads(source, 'ioWait')).toEqual([{ t: 100, owner: 20, value: 4 }])
  expect(blockedThreads(source, 'sleeping')).toEqual([{ t: 100, owner: 20, value: 2 }])
})
