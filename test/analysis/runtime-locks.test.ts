import { expect, test } from 'vitest'
import { analyse } from '../../src/analysis/analyse.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { recorded } from '../support/recorded.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const JVM = 20

/** A JVM under load over the window of 10 s, of which its recorder tells. */
const jvm = (of: 'jvm' | 'go' = 'jvm'): AnyRecord[] => [
  { k: 'process', t: 0, pid: JVM, ppid: 1, command: of, runtime: of },
  { k: 'proc', t: 0, pid: JVM, cpuMs: 0, rss: 1e6, threads: 20 },
  { k: 'proc', t: 10_000, pid: JVM, cpuMs: 5000, rss: 1e6, threads: 20 },
  { k: 'runtime', t: 0, pid: JVM, of, thresholdMs: 1 },
]
/** 600 ms of waits in each second, of 40 ms each by threads 31 and 32. */
const waits = (more: Partial<RecordOf<'runtime-wait'>> = {}): AnyRecord[] =>
  Array.from({ length: 10 }, (_, second) => ({
    k: 'runtime-wait',
    t: (second + 1) * 1000,
    from: second * 1000,
    pid: JVM,
    kind: 'mutex',
    lock: '0x10',
    of: 0,
    n: 15,
    ms: 600,
    max: 40,
    waits: [[40, 15]],
    threads: [
      [31, 400],
      [32, 200],
    ],
    ...more,
  }))
const lockWait = (records: AnyRecord[]) => analyse(recorded(records)).signals.lockWait

test('what a JVM tells is exact, and counts once', () => {
  const native: AnyRecord[] = [
    { k: 'native', t: 0, pid: JVM, libc: 'glibc' },
    { k: 'native-threads', t: 10_000, pid: JVM, rows: [[31, 6000, 0, 0, 0, 0]], exited: [0, 0, 0, 0, 0] },
    {
      k: 'native-wait',
      t: 10_000,
      pid: JVM,
      kind: 'mutex',
      lock: '0x99',
      n: 9,
      ms: 6000,
      max: 1,
      waiting: 0,
      waits: [],
    },
  ]
  const told = lockWait([...jvm(), ...waits(), ...native])
  expect(told).toMatchObject({ seconds: 6, secondsLow: 6, secondsHigh: 6, fidelity: 'exact' })
  expect(told?.locks).toHaveLength(1)
  expect(told?.locks[0]).toMatchObject({ waits: 150, heldUp: 0.6, waiterThreads: 2, waitMs: { p99: 40 } })
})

test('a pool that waits for work is idle, a semaphore may be', () => {
  expect(lockWait([...jvm(), ...waits({ kind: 'condition' })])).toMatchObject({ seconds: 0, unclassifiedSeconds: 0 })
  expect(lockWait([...jvm(), ...waits({ kind: 'semaphore' })])).toMatchObject({ seconds: 0, unclassifiedSeconds: 6 })
})

test('a lock is held while somebody waits for it', () => {
  const hold: AnyRecord = { k: 'runtime-hold', t: 10_000, from: 0, pid: JVM, lock: '0x10', n: 0, ms: 5000 }
  expect(lockWait([...jvm(), ...waits(), hold])?.locks[0]).toMatchObject({ holdPerSecond: 0.5, holdFidelity: 'exact' })
})

test('of a read-write lock the sides are told', () => {
  const sides = [...waits({ kind: 'rwlock-write', n: 30 }), ...waits({ kind: 'rwlock-read', n: 10 })]
  expect(lockWait([...jvm(), ...sides])?.locks[0]).toMatchObject({ kind: 'rwlock', writeShare: 0.75 })
})

test('goroutines are samples, with a bracket', () => {
  const told = lockWait([...jvm('go'), ...waits({ n: 10, waits: [], threads: [] })])
  expect(told).toMatchObject({ seconds: 6, fidelity: 'sampled' })
  expect(told?.secondsLow).toBeCloseTo(4.8)
  expect(told?.secondsHigh).toBeCloseTo(7.2)
  expect(told?.locks[0]).toMatchObject({ waits: null, waitMs: null })
})

test('threads in a circle are stuck since they stood still', () => {
  const sweeps = Array.from({ length: 11 }, (_, second): AnyRecord => {
    const cpuMs = Math.min(second, 3) * 10
    const columns = columnsOf([31, 32].map((tid) => [tid, cpuMs, 0, 'S', -1]))
    return { k: 'threads', t: second * 1000, pid: JVM, of: 2, ...columns }
  })
  const blocked = (tid: number, lock: string, owner: number): AnyRecord => {
    return { k: 'runtime-blocked', t: 10_000, pid: JVM, tid, kind: 'mutex', lock, of: 0, owner }
  }
  const told = lockWait([...jvm(), ...sweeps, blocked(31, '0x1', 32), blocked(32, '0x2', 31)])
  expect(told?.locks).toHaveLength(2)
  expect(told?.locks[0]?.stuck).toMatchObject({ seconds: 7, owner: { tid: 32, awaits: '0x2' } })
  expect(told?.seconds).toBeCloseTo(14)
})

test('a wait in progress that has only begun is not stuck', () => {
  const blocked: AnyRecord = {
    k: 'runtime-blocked',
    t: 10_000,
    pid: JVM,
    tid: 31,
    kind: 'mutex',
    lock: '0x1',
    of: 0,
    owner: 0,
  }
  expect(lockWait([...jvm(), blocked])?.locks).toEqual([])
})

test('where the recorder began within the window what it tells stands for all of it, as a sample', () => {
  const late = jvm().map((record) => (record.k === 'runtime' ? { ...record, t: 2000 } : record))
  const told = lockWait([...late, ...waits().slice(2)])
  expect(told?.seconds).toBeCloseTo(6)
  expect(told?.fidelity).toBe('sampled')
})
