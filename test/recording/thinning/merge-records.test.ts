import { describe, expect, test } from 'vitest'
import { recordSchemas } from '../../../src/recording/schema.ts'
import type { Histogram, RecordOf } from '../../../src/recording/schema.ts'
import { mergeHistograms } from '../../../src/recording/thinning/merge-histograms.ts'
import { DELTA_RULES, mergeRecords } from '../../../src/recording/thinning/merge-records.ts'
import type { DeltaKind } from '../../../src/recording/thinning/merge-records.ts'

/** Fields that say whose record it is, when, or how things stand at that moment. */
const NOT_MERGED = [
  'k',
  't',
  'pid',
  'tid',
  'slot',
  'name',
  'port',
  'stack',
  'async',
  'inFlight',
  'lock',
  'wait',
  'kind',
  'state',
  'doing',
  'awaits',
  'tids',
  'poll',
  'inTurnMs',
  'waiting',
  'queued',
  'cores',
  'shared',
  'of',
]
/** Fields with a rule of their own. */
const SPECIAL = ['loop.utilization', 'gc.long']

test.each(Object.keys(DELTA_RULES) as DeltaKind[])('%s: each field has its rule', (kind) => {
  const { add, max = [], min = [], histograms = [] } = DELTA_RULES[kind]
  const ruled = new Set([...add, ...max, ...min, ...histograms, ...NOT_MERGED])
  const fields = Object.keys(recordSchemas[kind].entries)
  expect(fields.filter((field) => !ruled.has(field) && !SPECIAL.includes(`${kind}.${field}`))).toEqual([])
  expect([...add, ...max, ...min, ...histograms].filter((field) => !fields.includes(field))).toEqual([])
})

test('two waits become one that covers both', () => {
  const first: RecordOf<'wait'> = {
    k: 'wait',
    t: 10,
    pid: 1,
    tid: 2,
    slot: '64:0',
    async: false,
    stack: 3,
    from: 1,
    n: 2,
    ms: 0.1,
    max: 0.09,
    timedOut: 0,
    taken: 1,
    waits: [
      [0.01, 1],
      [0.09, 1],
    ],
  }
  const second = { ...first, t: 20, from: 11, n: 1, ms: 0.2, max: 0.2, timedOut: 1, waits: [[0.09, 1]] as Histogram }
  expect(mergeRecords(first, second)).toEqual({
    ...first,
    t: 20,
    n: 3,
    ms: 0.3,
    max: 0.2,
    timedOut: 1,
    taken: 2,
    waits: [
      [0.01, 1],
      [0.09, 2],
    ],
  })
})

test('utilization is weighted by time, and unknown where one is', () => {
  const loop = (ms: number, utilization: number | null): RecordOf<'loop'> => {
    return { k: 'loop', t: 1, pid: 1, tid: 1, ms, utilization, delays: [] }
  }
  expect(mergeRecords(loop(100, 0.2), loop(300, 0.6)).utilization).toBeCloseTo(0.5)
  expect(mergeRecords(loop(100, null), loop(300, 0.6)).utilization).toBeNull()
  expect(mergeRecords(loop(0, 0.2), loop(0, 0.6)).utilization).toBeNull()
})

test('of long pauses the longer half stays, in order of time', () => {
  const gc = (...pauses: [number, number][]): RecordOf<'gc'> => {
    return { k: 'gc', t: 1, pid: 1, tid: 1, n: 5, ms: 9, long: pauses.map(([end, ms]) => [end, ms, 'major']) }
  }
  const merged = mergeRecords(gc([1, 30], [2, 4]), gc([3, 5], [4, 50], [5, 3]))
  expect(merged.long).toEqual([
    [1, 30, 'major'],
    [3, 5, 'major'],
    [4, 50, 'major'],
  ])
  expect(merged).toMatchObject({ n: 10, ms: 18 })
})

describe('histograms', () => {
  test('equal values meet', () => {
    expect(
      mergeHistograms(
        [[1, 2]],
        [
          [3, 1],
          [1, 5],
        ],
      ),
    ).toEqual([
      [1, 7],
      [3, 1],
    ])
  })

  test('many buckets become coarse: counts, lowest and highest stay, values move by 5 % at most', () => {
    const many = (offset: number): Histogram => Array.from({ length: 5000 }, (_, index) => [index + offset, 1])
    let merged: Histogram = many(0.123)
    for (let round = 1; round < 20; round++) merged = mergeHistograms(merged, many(0.123 + round / 100))
    expect(merged.length).toBeLessThan(500)
    expect(merged.reduce((sum, [, count]) => sum + count, 0)).toBe(100_000)
    expect([merged[0]?.[0], merged.at(-1)?.[0]]).toEqual([0.123, 4999 + (0.123 + 19 / 100)])
    const median = merged.find(
      (_, index) => merged.slice(0, index + 1).reduce((sum, [, count]) => sum + count, 0) >= 50_000,
    )
    expect(median?.[0]).toBeGreaterThan(2375)
    expect(median?.[0]).toBeLessThan(2625)
  })
})
