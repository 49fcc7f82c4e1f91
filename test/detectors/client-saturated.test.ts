import { describe, expect, it } from 'vitest'
import { clientSaturated } from '../../src/detectors/client-saturated.ts'
import { verdictOf } from '../support/signals.ts'

const late = (p50: number) => ({ p50, p90: p50 * 2, p99: p50 * 4, max: p50 * 8 })

describe('limits', () => {
  // The median latency of the healthy service is 120 ms.
  it.each([
    ['CPU just under the limit', { cores: 0.89 }, 'clean'],
    ['CPU at the limit', { cores: 0.9 }, 'info'],
    ['just under half of the latency late', { lagMs: late(59) }, 'clean'],
    ['half of the latency late', { lagMs: late(60) }, 'info'],
    ['requests half of the latency late', { pacingMs: late(60) }, 'info'],
  ] as const)('%s', (_, client, expected) => {
    expect(verdictOf(clientSaturated, { client })).toBe(expected)
  })

  it('a delay that any scheduler makes is none, however fast the service', () => {
    const latencyMs = { mean: 1, stddev: 1, p50: 0.5, p90: 1, p99: 2, max: 3 }
    expect(verdictOf(clientSaturated, { http: { latencyMs }, client: { lagMs: late(4.9) } })).toBe('clean')
    expect(verdictOf(clientSaturated, { http: { latencyMs }, client: { lagMs: late(5) } })).toBe('info')
  })
})

it('no driver of ours, no verdict', () => {
  expect(verdictOf(clientSaturated, { client: null })).toBe('not-applicable')
})
