import { describe, expect, it } from 'vitest'
import { readLockWait } from '../../src/analysis/locks.ts'
import { readNativeLocks } from '../../src/analysis/native-locks.ts'
import { readNativeThreads } from '../../src/analysis/native-threads.ts'
import type { ThreadSamples } from '../../src/analysis/thread-samples.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const strings = ['pthread_mutex_lock (libc.so.6)', 'search (a.cpp:7)', 'serve (a.cpp:9)', 'pop (queue.cpp:3)']
const stacks = [
  [0, 1, 2],
  [3, 2],
]
const began: AnyRecord = { k: 'native', t: 0, pid: 20, libc: 'glibc' }
const wait = (fields: Partial<RecordOf<'native-wait'>>): RecordOf<'native-wait'> => {
  const where = { kind: 'mutex' as const, lock: '0x10', stack: 0 }
  return {
    k: 'native-wait',
    t: 1000,
    pid: 20,
    ...where,
    n: 4,
    ms: 2000,
    max: 600,
    waiting: 3,
    waits: [[500, 4]],
    ...fields,
  }
}
/** Cumulative lock wait of two threads at a reading of the table. */
const reading = (t: number, a: number, b: number): AnyRecord => ({
  k: 'native-threads',
  t,
  pid: 20,
  rows: [
    [21, a, 0, 0, 0, 0],
    [22, b, 0, 0, 0, 0],
  ],
  exited: [0, 0, 0, 0, 0],
})
const source = (...records: AnyRecord[]) => sourceOf([began, ...records], { strings, stacks })

describe('locks', () => {
  it('waits of several processes, each held against what its own threads did', () => {
    const other = [{ ...began, pid: 30 }, wait({ pid: 30, ms: 500 })] as AnyRecord[]
    const worked = (pid: number, tid: number, cpuMs: number): [string, ThreadSamples] => {
      const counter = (last: number) => ({ times: [0, 10_000], values: [0, last] })
      return [`${pid}/${tid}`, { pid, tid, cpu: counter(cpuMs), queued: counter(0) } as unknown as ThreadSamples]
    }
    const threads = new Map([worked(20, 21, 2000), worked(30, 31, 1500)])
    const lockWait = readLockWait(source(wait({}), ...other), threads)?.lockWait
    expect(lockWait?.byProcess.get(20)).toEqual({ seconds: 2, ratio: 0.5 })
    expect(lockWait?.byProcess.get(30)).toEqual({ seconds: 0.5, ratio: 0.25 })
    expect(lockWait?.ratio).toBeCloseTo(2.5 / 6)
  })

  it('adds up one lock over its records, with waiters, holders and the time it was held', () => {
    const found = readNativeLocks(
      source(reading(1000, 900, 1100), reading(2000, 1900, 2100), wait({}), wait({ t: 2000 }), {
        k: 'native-unlock',
        t: 2000,
        pid: 20,
        lock: '0x10',
        stack: 0,
        n: 8,
        holds: 4,
        holdMs: 2000,
      }),
    )
    expect(found).toMatchObject({ secondsLow: 4, secondsHigh: 4, unclassifiedSeconds: 0, fidelity: 'exact' })
    expect(found?.locks).toMatchObject([
      {
        kind: 'mutex',
        role: 'lock',
        slot: '0x10',
        name: 'mutex waited for in search (a.cpp:7), called by serve',
        waits: 8,
        waitSeconds: 4,
        heldUp: 0.4,
        waiterThreads: 3,
        holdPerSecond: 0.4,
        waitMs: { p50: 500 },
        holders: [{ share: 1 }],
      },
    ])
    expect([...(found?.msByThread ?? [])]).toEqual([
      ['20/21', 1900],
      ['20/22', 2100],
    ])
  })

  it('is held at least as often as the sampler saw it held while others waited', () => {
    const sampled: AnyRecord = {
      k: 'sampled',
      t: 1000,
      pid: 20,
      ms: 1000,
      sweeps: 50,
      threads: 3,
      looked: 3,
      runningMs: 0,
      unknownMs: 0,
    }
    const look: AnyRecord = { k: 'holder', t: 1000, pid: 20, tid: 21, lock: '0x10', doing: 0, n: 40 }
    const unlock: AnyRecord = {
      k: 'native-unlock',
      t: 1000,
      pid: 20,
      lock: '0x10',
      stack: 0,
      n: 8,
      holds: 4,
      holdMs: 4,
    }
    const found = readNativeLocks(source(reading(1000, 900, 1100), wait({}), unlock, sampled, look))
    expect(found?.locks).toMatchObject([{ holdPerSecond: 0.8, holdMs: 1000 }])
  })

  it.each<[string, Partial<RecordOf<'native-wait'>>, number, number]>([
    ['one logger and its producer, and others that wait for something else', { waiting: 1, ms: 5000 }, 0, 1],
    ['those that the table shows at once', { waiting: 3 }, 0, 3],
    ['those that the sampler saw', { waiting: 1 }, 4, 4],
    ['as many as must have waited at once on average', { waiting: 0, ms: 15_000, t: 10_000 }, 0, 2],
  ])('counts waiters of this lock alone: %s', (_, own, seen, expected) => {
    const others = wait({ lock: '0x20', waiting: 30 })
    const at = { k: 'blocked' as const, t: 1000, pid: 20, wait: 0, n: 9, ms: 9, queuedMs: 0, stack: 0 }
    const tids = Array.from({ length: seen }, (_none, i) => 21 + i)
    const found = readNativeLocks(
      source(
        reading(own.t ?? 1000, 500, 500),
        wait(own),
        others,
        { ...at, lock: '0x10', tids },
        { ...at, lock: '0x20', tids: [31, 32, 33, 34, 35] },
      ),
    )
    expect(found?.locks.find(({ slot }) => slot === '0x10')).toMatchObject({ waiterThreads: expected })
  })

  it('tells waits to write from those to read, of Rust by their functions', () => {
    const at = (kind: 'rwlock-read' | 'rwlock-write' | 'futex-lock', n: number, stack = 0) => wait({ kind, n, stack })
    expect(
      readNativeLocks(source(reading(1000, 0, 0), at('rwlock-read', 1), at('rwlock-write', 3)))?.locks,
    ).toMatchObject([{ kind: 'rwlock', writeShare: 0.75 }])
    const rust = sourceOf([began, reading(1000, 0, 0), at('futex-lock', 4)], {
      strings: ['std::sys::sync::rwlock::futex::RwLock::write_contended (server)'],
      stacks: [[0]],
    })
    expect(readNativeLocks(rust)?.locks).toMatchObject([{ kind: 'rwlock', writeShare: 1 }])
  })

  it('a record counts by the share of its time that lies in the window', () => {
    // The window ends at 10 s; the table was read 0.5 s before and after.
    const found = readNativeLocks(source(reading(9500, 0, 0), reading(10_500, 1000, 0), wait({ t: 10_500, ms: 1000 })))
    expect(found?.secondsLow).toBeCloseTo(0.5)
  })

  it.each([
    ['condition', 'idle'],
    ['join', 'idle'],
    ['futex-idle', 'idle'],
    ['semaphore', 'unclassified'],
    ['park', 'unclassified'],
  ] as const)('%s is no lock but %s', (kind, role) => {
    const found = readNativeLocks(source(reading(1000, 0, 0), wait({ kind, stack: 1 })))
    expect(found?.locks).toMatchObject([{ role, name: 'wait in pop (queue.cpp:3), called by serve' }])
    expect(found?.secondsLow).toBe(0)
    expect(found?.unclassifiedSeconds).toBe(role === 'idle' ? 0 : 2)
  })

  it("what the agent's table had no room for is no single lock", () => {
    const { lock: _lock, stack: _stack, ...overflow } = wait({})
    const found = readNativeLocks(source(reading(1000, 0, 0), overflow))
    expect(found?.locks).toMatchObject([{ role: 'unclassified', because: expect.stringContaining('table was full') }])
    expect(found?.secondsLow).toBe(0)
    expect(found?.unclassifiedSeconds).toBe(2)
  })

  it.each([
    ['given back by those who got it', { given: 95, announced: 5, holdMs: 100 }, 'lock'],
    ['mostly so', { given: 89, announced: 11, holdMs: 100 }, 'unclassified'],
    ['every other time', { given: 50, announced: 50, holdMs: 100 }, 'idle'],
    ['posted by others', { given: 0, announced: 50, holdMs: 0 }, 'idle'],
    ['had by two at a time', { given: 100, announced: 0, holdMs: 200 }, 'unclassified'],
  ])('a semaphore %s', (_, { given, announced, holdMs }, role) => {
    const at = { t: 10_000, pid: 20, lock: '0x10' }
    const found = readNativeLocks(
      source(
        reading(10_000, 0, 0),
        wait({ t: 10_000, kind: 'semaphore' }),
        ...(given > 0 ? [{ k: 'native-unlock' as const, ...at, n: given, holds: given, holdMs: holdMs * given }] : []),
        ...(announced > 0 ? [{ k: 'native-post' as const, ...at, n: announced }] : []),
      ),
    )
    expect(found?.locks).toMatchObject([{ role }])
    expect(found?.secondsLow).toBe(role === 'lock' ? 2 : 0)
  })

  it("PostgreSQL's lightweight locks are locks, though a process waits for them at its semaphore", () => {
    const interned = { strings: ['PGSemaphoreLock (postgres)', 'LWLockAcquire (postgres)'], stacks: [[0, 1]] }
    const found = readNativeLocks(sourceOf([began, reading(1000, 0, 0), wait({ kind: 'semaphore' })], interned))
    expect(found?.locks).toMatchObject([{ role: 'lock' }])
  })

  it("takes what Python's threads wait for as they run for the interpreter's lock, and its time from the idle of each", () => {
    const python = ['take_gil (ceval_gil.h:231)', '0x5897a0 (python3.11)', 'push (numpy.so)']
    const gil = { kind: 'condition' as const, t: 10_000, ms: 2000 }
    const of = (runtime: string, stack: number) =>
      readNativeLocks(
        sourceOf(
          [
            began,
            { k: 'process', t: 0, pid: 20, ppid: 1, command: runtime, runtime },
            { k: 'native-threads', t: 10_000, pid: 20, rows: [[21, 0, 4000, 0, 0, 0]], exited: [0, 0, 0, 0, 0] },
            wait({ ...gil, stack }),
            wait({ ...gil, stack: 2 }),
          ],
          { strings: python, stacks: [[0], [1], [2]] },
        ),
      )
    for (const stack of [0, 1]) {
      const found = of('python', stack)
      expect(found?.locks).toMatchObject([{ kind: 'gil', role: 'lock', waitSeconds: 2 }, { role: 'idle' }])
      expect(found?.msByThread.get('20/21')).toBeCloseTo(2000)
    }
    expect(of('native', 0)?.locks).toMatchObject([{ role: 'idle' }, { role: 'idle' }])
  })

  it('gives threads their share of waits that only stacks told to be for locks', () => {
    const spent = (lock: number, unclassified: number) =>
      [21, lock, 0, 0, unclassified, 0] as [number, number, number, number, number, number]
    const threads: AnyRecord = {
      k: 'native-threads',
      t: 10_000,
      pid: 20,
      rows: [spent(1000, 4000)],
      exited: [0, 0, 0, 0, 0],
    }
    const waits = [wait({ t: 10_000, ms: 1000 }), wait({ t: 10_000, kind: 'futex-lock', lock: '0x20', ms: 3000 })]
    const found = readNativeLocks(source(threads, ...waits, wait({ t: 10_000, kind: 'park', ms: 1000 })))
    expect(found?.msByThread.get('20/21')).toBeCloseTo(4000)
  })

  it('counts beside those of JavaScript, and is exact with them', () => {
    const found = readLockWait(source(reading(1000, 1000, 1000), wait({})), new Map())
    expect(found?.lockWait).toMatchObject({ seconds: 2, fidelity: 'exact' })
  })
})

it('threads are counted where they are created, and by how long they lived', () => {
  const spawn = (t: number): AnyRecord => ({
    k: 'native-spawn',
    t,
    pid: 20,
    stack: 1,
    created: 50,
    exited: 40,
    lifetimeMs: 400,
    lifetimes: [[10, 40]],
  })
  expect(readNativeThreads(source(reading(1000, 0, 0), reading(2000, 0, 0), spawn(1000), spawn(2000)))).toMatchObject({
    created: 100,
    exited: 80,
    lifetimeMs: { p50: 10 },
    creators: [{ stack: ['pop (queue.cpp:3)', 'serve (a.cpp:9)'], count: 100 }],
  })
  expect(readNativeThreads(sourceOf([]))).toBeNull()
})
