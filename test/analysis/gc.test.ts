import { describe, expect, it } from 'vitest'
import { readGc } from '../../src/analysis/gc.ts'
import type { AnyRecord, RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const NODE: AnyRecord = { k: 'node', t: 0, pid: 10, tid: 10, version: 'v20.0.0', threadId: 0 }
/** Pauses of one thread: `ms` altogether, of which those of 2 ms and over one by one. */
const gc = (ms: number, ...long: number[]): RecordOf<'gc'> => ({
  k: 'gc',
  t: 5000,
  pid: 10,
  tid: 10,
  n: 1,
  ms,
  long: long.map((each) => [4000, each, 'scavenge']),
})
const typicalOf = (...records: AnyRecord[]) => readGc(sourceOf([NODE, ...records]))?.typicalMs

describe('the length that half of the paused time is in pauses of, or longer', () => {
  it.each([
    ['one long pause among many short ones', [gc(100, 12, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5)], 5],
    ['two of three long', [gc(70, 30, 30, 10)], 30],
    ['most are not told one by one', [gc(100, 12, 8)], 0],
    ['over several records', [gc(20, 20), gc(24, 12, 12)], 12],
    ['none', [], 0],
  ])('%s', (_, records, ms) => {
    expect(typicalOf(...records)).toBe(ms)
  })

  it('of the thread that is stopped the most', () => {
    expect(typicalOf(gc(50, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), { ...gc(40, 40), tid: 11 })).toBe(5)
  })
})
