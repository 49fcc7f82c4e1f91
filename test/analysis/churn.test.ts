import { expect, it } from 'vitest'
import { estimateCreated } from '../../src/analysis/churn.ts'
import type { RecordOf } from '../../src/recording/schema.ts'

const seen = (fields: Partial<RecordOf<'churn'>>): RecordOf<'churn'> => {
  return {
    k: 'churn',
    t: 0,
    pid: 1,
    cpuMs: 500,
    deadCpuMs: 300,
    begun: 1000,
    probes: 100,
    ours: 30,
    others: 0,
    ...fields,
  }
}

it.each<[string, RecordOf<'churn'>[], ReturnType<typeof estimateCreated>]>([
  ['nothing was seen', [], null],
  ['a tick too many', [seen({ cpuMs: 100, deadCpuMs: 20 })], null],
  ['threads that stay', [seen({ deadCpuMs: 10, begun: 20 })], null],
  ['only its own', [seen({}), seen({ t: 1 })], { low: 1960.784, high: 2000 }],
  ['a quarter of them others', [seen({ others: 25 })], { low: 654.806, high: 1000 }],
])('%s', (_name, records, expected) => {
  const estimate = estimateCreated(records)
  if (expected === null) expect(estimate).toBeNull()
  else {
    expect(estimate?.low).toBeCloseTo(expected.low, 0)
    expect(estimate?.high).toBeCloseTo(expected.high, 0)
  }
})
