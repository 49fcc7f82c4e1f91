import { expect, it } from 'vitest'
import { holdsSlo, parseSlo } from '../../../src/analysis/scale/slo.ts'
import { http } from '../../support/signals.ts'

it.each([
  ['p99<100ms', { figure: 'p99', ms: 100 }],
  ['mean < 2s', { figure: 'mean', ms: 2000 }],
  [' max<1.5ms ', { figure: 'max', ms: 1.5 }],
  ['p50<800us', { figure: 'p50', ms: 0.8 }],
])('%s is read', (text, slo) => {
  expect(parseSlo(text)).toEqual(slo)
})

it.each(['', 'p99', 'p99<', 'p99<0ms', 'p98<10ms', 'p99>10ms', 'p99<10', 'p99<10ms and more'])(
  '"%s" is none',
  (text) => {
    expect(parseSlo(text)).toBeNull()
  },
)

const slo = { figure: 'p99', ms: 100 } as const
const latencyMs = (p99: number) => ({ mean: 40, stddev: 10, p50: 40, p90: 60, p99, max: 300 })

it.each([
  ['under the limit', { latencyMs: latencyMs(99.9) }, true],
  ['at the limit', { latencyMs: latencyMs(100) }, false],
  ['as many errors as may be', { latencyMs: latencyMs(50), requests: 999, resets: 1, errors: 1 }, true],
  ['more errors', { latencyMs: latencyMs(50), requests: 998, timeouts: 2, errors: 2 }, false],
  ['nothing but answers that are errors', { latencyMs: latencyMs(5), requests: 100, non2xx: 100, errors: 100 }, false],
  ['no answer', { latencyMs: latencyMs(0), requests: 0 }, false],
])('%s', (_, values, holds) => {
  expect(holdsSlo(http(values), slo, 0.001)).toBe(holds)
})
