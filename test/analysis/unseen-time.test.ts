import { describe, expect, it } from 'vitest'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import { splitThreadTime } from '../../src/analysis/thread-time.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { columnsOf, type SweepRow } from '../../src/recording/sweep.ts'

const strings = ['read', 'futex 0x80 0x0']
const [READ, FUTEX] = [0, 1]

/** A sweep each 100 ms for 10 s over a main thread at rest and `states.length` threads that another sweep finds gone. */
function sweeps(states: readonly [string, number][], cpuMs: number): AnyRecord[] {
  return Array.from({ length: 101 }, (_, i): AnyRecord[] => {
    const t = i * 100
    const short = states.map(([state, wait], n) => ({ tid: 1000 + i * 10 + n, state, wait }))
    return [
      { k: 'proc', t, pid: 20, cpuMs: (cpuMs * i) / 100, rss: 1, threads: 1 + states.length },
      {
        k: 'threads',
        t,
        pid: 20,
        of: 1 + states.length,
        ...columnsOf([
          [20, 0, 0, 'S', FUTEX],
          ...short.map(({ tid, state, wait }): SweepRow => [tid, 0, 0, state, wait]),
        ]),
      },
      ...short.flatMap(({ tid }): AnyRecord[] => [
        { k: 'thread', t, pid: 20, tid, name: 'query' },
        { k: 'thread-exit', t: t + 50, pid: 20, tid },
      ]),
    ]
  }).flat()
}

const groupsOf = (records: AnyRecord[]) => {
  const source = sourceOf(records, { strings })
  return Object.fromEntries(
    splitThreadTime(source, threadSamples(source), new Map()).map(({ group, seconds }) => [group, seconds]),
  )
}

describe('threads that no two sweeps see', () => {
  it('have what is left of the thread time, split as they were seen', () => {
    const { query } = groupsOf(
      sweeps(
        [
          ['R', -1],
          ['R', -1],
          ['S', READ],
          ['S', READ],
        ],
        5000,
      ),
    )
    // 40 s in all: half of it running, of which 5 s on CPU; the other half in reads.
    expect(query?.onCpu).toBeCloseTo(5)
    expect(query?.runnable).toBeCloseTo(15)
    expect(query?.ioWait).toBeCloseTo(20)
    expect(query?.unknown).toBe(0)
  })

  it('never seen at all, are unknown but for their CPU', () => {
    const records = sweeps([], 5000).map((record) => (record.k === 'proc' ? { ...record, threads: 3 } : record))
    const { unseen: gone } = groupsOf(records)
    expect(gone?.onCpu).toBeCloseTo(5)
    expect(gone?.unknown).toBeCloseTo(15)
  })

  it('are none where each is seen throughout', () => {
    expect(Object.keys(groupsOf(sweeps([], 0)))).toEqual(['process 20'])
  })
})
