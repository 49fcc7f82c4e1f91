import { expect, it } from 'vitest'
import { cpuRows } from '../../../src/probes/jvm/cpu-rows.ts'

const sample = (t: number, tid: number) => ({ t, tid, stack: ['search.Index.rank (Index.java:40)'] })
const msOf = (rows: readonly { ms: number }[]) => rows.map(({ ms }) => ms)

it('a sample stands for the time to the next one', () => {
  expect(cpuRows([sample(100, 7), sample(120, 7)], 2)).toEqual([
    { tid: 7, t: 100, ms: 20, stack: ['search.Index.rank (Index.java:40)'] },
    { tid: 7, t: 120, ms: 20, stack: ['search.Index.rank (Index.java:40)'] },
  ])
})

it('no more threads have a core than there are cores', () => {
  expect(
    msOf(
      cpuRows(
        [1, 2, 3, 4, 5].map((tid) => sample(100 + tid / 10, tid)),
        2,
      ),
    ),
  ).toEqual([8, 8, 8, 8, 8])
  expect(
    msOf(
      cpuRows(
        [1, 2].map((tid) => sample(100 + tid / 10, tid)),
        2,
      ),
    ),
  ).toEqual([20, 20])
})

it('what was before the recording is left out', () => {
  expect(cpuRows([sample(-5, 7)], 2)).toEqual([])
})
