import { describe, expect, it } from 'vitest'
import { crossCheck } from '../../src/analysis/cross-checks.ts'
import { indexRecords } from '../../src/analysis/index-records.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { recorded } from '../support/recorded.ts'

const pid = 7

/** Four seconds: an exact probe that counts `exactMs` of lock wait in each, a sampler that sees `seenMs` and `queuedMs`. */
function seconds(exactMs: number, seenMs: number, queuedMs: number): AnyRecord[] {
  return Array.from({ length: 4 }, (_, i) => (i + 1) * 1000).flatMap((t): AnyRecord[] => [
    { k: 'native-wait', t, pid, kind: 'mutex', lock: '0x10', n: 100, ms: exactMs, max: 9, waiting: 1, waits: [[9, 1]] },
    { k: 'native-threads', t, pid, rows: [], exited: [0, 0, 0, 0, 0] },
    { k: 'sampled', t, pid, sweeps: 50, threads: 16, looked: 16, ms: 1000, runningMs: 0, unknownMs: 0 },
    {
      k: 'blocked',
      t,
      pid,
      wait: 0,
      kind: 'mutex',
      state: 'contended',
      lock: '0x10',
      n: 2500,
      ms: seenMs,
      queuedMs,
      tids: [1],
    },
  ])
}

function check(records: AnyRecord[]) {
  const native: AnyRecord = { k: 'native', t: 0, pid, libc: 'glibc', by: 'tracefs' }
  return crossCheck(indexRecords(recorded([native, ...records]), [0, 4000]), null)
}

describe('lock wait', () => {
  // The bracket is 10 to 12 s, and 6 % wider either way: a twentieth, and the chance of 10,000 looks.
  it.each([
    ['below the bracket', 9.3, false],
    ['at its lower end', 9.5, true],
    ['in it', 11, true],
    ['at its upper end', 12.6, true],
    ['above it', 12.8, false],
  ])('%s', (_name, value, agrees) => {
    const [found] = check(seconds(value * 250, 2500, 500))
    expect(found).toMatchObject({ signal: 'lock wait', pid, by: 'tracefs', against: 'native-sampler', agrees })
    expect(found?.value).toBeCloseTo(value)
    expect(found?.low).toBeCloseTo(9.4)
    expect(found?.high).toBeCloseTo(12.72)
  })

  it('too little of it proves nothing', () => expect(check(seconds(100, 0, 0))).toEqual([]))

  it('in a storm the sampler says nothing that could be held against it', () => {
    const storm: AnyRecord[] = [{ k: 'switches', t: 2000, pid, voluntary: 50_000, involuntary: 0 }]
    expect(check([...storm, ...seconds(3000, 500, 0)])).toEqual([])
  })
})
