import { describe, expect, test } from 'vitest'
import type { AnyRecord, RecordOf } from '../../../src/recording/schema.ts'
import { Survey } from '../../../src/recording/thinning/survey.ts'
import { Thinner } from '../../../src/recording/thinning/thinner.ts'
import type { Step } from '../../../src/recording/thinning/thinner.ts'
import { generateRecord, generateRecords, KINDS, randomFrom } from '../generate.ts'
import { deltaTotals, ends } from './totals.ts'
import { columnsOf } from '../../../src/recording/sweep.ts'

function thin(records: readonly AnyRecord[], step: Step = 'halve'): { kept: AnyRecord[]; left: Map<string, number> } {
  const survey = new Survey()
  for (const record of records) survey.add(record)
  const kept: AnyRecord[] = []
  const thinner = new Thinner(step, survey, (record) => kept.push(record))
  for (const record of records) thinner.push(record)
  thinner.end()
  return { kept, left: thinner.left }
}

/** Few owners, as in a real recording: the generator's own ids hardly ever meet twice. */
function fewOwners(records: readonly AnyRecord[]): AnyRecord[] {
  return records.map((record) => {
    const own: Record<string, unknown> = { ...record }
    for (const field of ['pid', 'tid', 'stack', 'worker', 'child']) {
      if (typeof own[field] === 'number') own[field] = own[field] % 2
    }
    for (const field of ['slot', 'name']) if (typeof own[field] === 'string') own[field] = own[field].slice(0, 1)
    return own as AnyRecord
  })
}

function heap(t: number, used: number): AnyRecord {
  return { k: 'heap', t, pid: 1, tid: 1, used, total: 0, external: 0, limit: 0 }
}

function usedOf(records: readonly AnyRecord[]): string {
  return records.map((record) => (record.k === 'heap' ? record.used : record.k)).join(' ')
}

function expectClose(actual: Record<string, number>, expected: Record<string, number>): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const [name, value] of Object.entries(expected)) {
    const difference = Math.abs((actual[name] ?? 0) - value)
    expect(difference, name).toBeLessThanOrEqual(Math.abs(value) * 1e-9 + 1e-3)
  }
}

describe('any records', () => {
  test.each([1, 2, 3, 4, 5])('totals, ends and events are unchanged, also after five rounds; seed %i', (seed) => {
    const records = fewOwners(generateRecords(3000, randomFrom(seed)))
    let thinned: AnyRecord[] = records
    for (let round = 0; round < 5; round++) {
      const before = thinned.length
      thinned = thin(thinned).kept
      expect(thinned.length).toBeLessThan(before)
      expectClose(deltaTotals(thinned), deltaTotals(records))
      expect(ends(thinned)).toEqual(ends(records))
      const kinds = [
        'stall',
        'worker-birth',
        'worker-death',
        'thread',
        'process-exit',
        'mark',
        'child',
        'profile',
      ] as const
      for (const kind of kinds) {
        const only = (list: readonly AnyRecord[]) => list.filter(({ k }) => k === kind)
        expect(only(thinned)).toEqual(only(records))
      }
    }
  })

  test('every second step leaves half of a long series', () => {
    const random = randomFrom(9)
    for (const kind of ['wait', 'loop', 'http', 'load', 'recorder', 'proc', 'usage', 'heap', 'waiting'] as const) {
      const first = generateRecord(kind, 0, random)
      const records = Array.from({ length: 1000 }, (_, t) => ({ ...first, t }) as AnyRecord)
      expect(thin(records).kept.length, kind).toBeGreaterThanOrEqual(500)
      expect(thin(records).kept.length, kind).toBeLessThanOrEqual(502)
    }
  })
})

test.each([
  ['5', '5'],
  ['1 2', '1 2'],
  ['1 2 3', '1 3'],
  ['1 9 3', '1 9 3'],
  ['1 2 3 4 5', '1 3 5'],
  ['1 9 3 8 2 7', '1 9 8 7'],
])('of the heap series %s stays %s: first, last, and the greater of two neighbours', (before, after) => {
  const records = before.split(' ').map((used, t) => heap(t, Number(used)))
  expect(usedOf(thin(records).kept)).toBe(after)
})

test('proportional memory is handed on by the neighbour that goes', () => {
  const proc = (t: number, rss: number, pss?: number): AnyRecord => {
    return { k: 'proc', t, pid: 1, cpuMs: t, rss, threads: 1, ...(pss !== undefined && { pss }) }
  }
  const { kept } = thin([proc(0, 1), proc(1, 5, 4), proc(2, 6), proc(3, 6)])
  expect(kept).toEqual([proc(0, 1), proc(2, 6, 4), proc(3, 6)])
})

test('a sweep that goes leaves the rows of threads that begin or end in it', () => {
  const sweep = (t: number, tids: number[]): RecordOf<'threads'> => {
    return { k: 'threads', t, pid: 1, of: tids.length, ...columnsOf(tids.map((tid) => [tid, t, 0, 'S', -1])) }
  }
  const { kept } = thin([sweep(0, [1]), sweep(1, [1, 7]), sweep(2, [1, 8]), sweep(3, [1, 8]), sweep(4, [1, 8])])
  expect(kept.map((record) => (record.k === 'threads' ? [record.t, record.of, record.tids] : []))).toEqual([
    [0, 1, [1]],
    [1, 2, [7]],
    [2, 2, [1, 8]],
    [4, 2, [1, 8]],
  ])
})

describe('when halving is not enough', () => {
  const worker = (id: number): AnyRecord[] => {
    const thread = { pid: 1, tid: 100 + id }
    return [
      { k: 'worker-birth', t: id, pid: 1, tid: 1, worker: id },
      { k: 'thread', t: id, ...thread, name: 'worker' },
      { k: 'loop', t: id, ...thread, ms: 10, utilization: 0.5, delays: [[1, 1]] },
      { k: 'heap', t: id, ...thread, used: 1, total: 1, external: 1, limit: 1 },
      { k: 'stall', t: id, ...thread, ms: 60, beatMs: 60, cpuMs: null, queuedMs: null },
      { k: 'thread-exit', t: id, ...thread },
      { k: 'worker-death', t: id, pid: 1, tid: 1, worker: id, lifetimeMs: 5 },
    ]
  }
  const living: AnyRecord[] = [
    { k: 'thread', t: 0, pid: 1, tid: 1, name: 'main' },
    { k: 'worker-birth', t: 0, pid: 1, tid: 1, worker: 9999 },
    heap(0, 5),
  ]
  const profile: AnyRecord = { k: 'profile', t: 1, pid: 1, tid: 1, from: 0, nodes: [], samples: [], deltasUs: [] }
  const records = [...living, ...Array.from({ length: 100 }, (_, id) => worker(id)).flat(), profile]

  test('first the CPU profile goes, and is counted', () => {
    const { kept, left } = thin(records, 'without-profiles')
    expect(kept).not.toContainEqual(profile)
    expect([...left]).toEqual([['profile', 1]])
    expect(kept.filter(({ k }) => k === 'worker-birth')).toHaveLength(101)
  })

  test('then threads that are gone: counted by kind, their totals kept under thread 0', () => {
    const { kept, left } = thin(records, 'without-the-gone')
    expect(kept).toEqual(expect.arrayContaining(living))
    expectClose(deltaTotals(kept), deltaTotals(records))
    expect(kept.filter(({ k }) => k === 'loop').every((record) => 'tid' in record && record.tid === 0)).toBe(true)
    expect(Object.fromEntries(left)).toEqual({
      'worker-birth': 100,
      'worker-death': 100,
      thread: 100,
      'thread-exit': 100,
      heap: 100,
      stall: 100,
      profile: 1,
    })
    const counts: AnyRecord = { k: 'thinned', t: 9, before: 5, left: [['thread', 7]] }
    expect(thin([...records, counts], 'without-the-gone').left.get('thread')).toBe(107)
  })

  test('and processes that are gone, whose children are counted under process 0', () => {
    const child = (pid: number): AnyRecord[] => [
      { k: 'process', t: pid, pid, ppid: 1, command: 'sh' },
      { k: 'child', t: pid, pid: 1, tid: 1, child: pid, command: 'sh' },
      { k: 'switches', t: pid, pid, voluntary: 2, involuntary: 1 },
      { k: 'proc', t: pid, pid, cpuMs: 1, rss: 1, threads: 1 },
      { k: 'process-exit', t: pid, pid, code: 0, signal: null },
    ]
    const churn = Array.from({ length: 50 }, (_, index) => child(1000 + index)).flat()
    const { kept, left } = thin([...living, ...churn], 'without-the-gone')
    expectClose(deltaTotals(kept), deltaTotals(churn))
    expect(kept.filter(({ k }) => k === 'switches')).toHaveLength(25)
    expect(Object.fromEntries(left)).toEqual({ process: 50, child: 50, proc: 50, 'process-exit': 50 })
  })
})

test('the last step loses no total of any kind either', () => {
  const records = generateRecords(KINDS.length * 50, randomFrom(3))
  expectClose(deltaTotals(thin(records, 'without-the-gone').kept), deltaTotals(records))
})
