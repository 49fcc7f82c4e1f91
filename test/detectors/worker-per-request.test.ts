import { describe, expect, it } from 'vitest'
import { workerPerRequest } from '../../src/detectors/worker-per-request.ts'
import { findingOf, resultOf, SEARCH, verdictOf, type Ills } from '../support/signals.ts'

/** Workers that are born and die with the requests of the 10 s window. */
const churn = (createdPerRequest: number | null, values: Ills['workers'] = {}): Ills => ({
  workers: { created: 400, exited: 390, createdPerRequest, livePeak: 40, ...values },
})

describe('limits', () => {
  it.each([
    ['just under the limit', churn(0.049), 'clean'],
    ['at the limit', churn(0.05), 'warning'],
    ['just under critical', churn(0.499), 'warning'],
    ['at critical', churn(0.5), 'critical'],
    ['under one a second', churn(1, { created: 9, exited: 9 }), 'clean'],
    ['one a second', churn(1, { created: 10, exited: 10 }), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(workerPerRequest, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a persistent pool', {}, 'clean'],
    ['a pool that the first requests fill', churn(0.08, { created: 16, exited: 0, livePeak: 16 }), 'clean'],
    ['the same, of unknown cores', { ...churn(0.08, { created: 64, exited: 0 }), cpu: null }, 'clean'],
    ['an overloaded machine, where they end late', churn(0.9, { created: 70, exited: 0, livePeak: 102 }), 'critical'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(workerPerRequest, ills)).toBe(expected)
  })

  it('gives no verdict where workers come but no request was counted', () => {
    expect(resultOf(workerPerRequest, churn(null))).toMatchObject({
      status: 'not-applicable',
      missing: ['requests to count the workers against'],
    })
    expect(verdictOf(workerPerRequest, { workers: { createdPerRequest: null } })).toBe('clean')
  })
})

describe('finding', () => {
  const creators = [{ stack: ['Worker (node:internal/worker:200:5)', SEARCH], count: 300 }]
  const finding = findingOf(workerPerRequest, {
    ...churn(1, { creators, lifetimeMs: { p50: 812, p90: 900, p99: 990, max: 999 } }),
    runQueue: { threadSecondsPerSecond: 21 },
  })

  it('says how many, how fast, and where', () => {
    expect(finding.summary).toBe(
      'Workers are created at a rate of 1 per request (limit 0.05), 40 a second, each living for 812 ms, in search (search.mjs:40): each starts a thread and a V8 isolate, loads its modules, and throws all of it away.',
    )
    expect(finding.where).toEqual([{ role: 'created at', stack: creators[0]?.stack, share: 0.75 }])
  })

  it('costs the threads that stand in the run queue', () => {
    expect(finding.cost.threadsHeldUp).toBe(21)
    expect(findingOf(workerPerRequest, { ...churn(1), runQueue: null }).cost.threadsHeldUp).toBeNull()
  })
})
