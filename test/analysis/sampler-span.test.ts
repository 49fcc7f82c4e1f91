import { expect, it } from 'vitest'
import { indexRecords } from '../../src/analysis/index-records.ts'
import { windowOverSampled } from '../../src/analysis/sampler-span.ts'
import { recorded } from '../support/recorded.ts'

const sampled = (t: number, ms = 1000) => ({
  k: 'sampled' as const,
  t,
  pid: 1,
  sweeps: 50,
  threads: 4,
  looked: 4,
  ms,
  runningMs: 0,
  unknownMs: 0,
})

it.each([
  ['its records are those of the window', [1000, 4000], [sampled(2000), sampled(3000), sampled(4000)], 1],
  [
    'the last comes after its end',
    [1000, 4100],
    [sampled(2000), sampled(3000), sampled(4000), sampled(4110, 110)],
    3.1 / 3,
  ],
  ['the first began before it', [1200, 4000], [sampled(2000), sampled(3000), sampled(4000)], 2.8 / 3],
  ['half of it was not sampled', [0, 4000], [sampled(3500)], 1],
  ['none of it was', [0, 4000], [], 1],
] as const)('%s', (_, window, records, factor) => {
  expect(windowOverSampled(indexRecords(recorded(records), window))).toBeCloseTo(factor, 6)
})
