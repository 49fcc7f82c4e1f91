import { describe, expect, it } from 'vitest'
import { processPerRequest } from '../../src/detectors/process-per-request.ts'
import { findingOf, type Ills, resultOf, verdictOf } from '../support/signals.ts'

/** Processes that are born with the requests of the 10 s window. */
const churn = (createdPerRequest: number | null, created = 2000, createdLow = created): Ills => ({
  processes: { created, createdLow, createdHigh: created, createdPerRequest, fidelity: 'exact' },
})

describe('limits', () => {
  it.each([
    ['just under the limit', churn(0.099), 'clean'],
    ['at the limit', churn(0.1), 'warning'],
    ['just under critical', churn(0.499), 'warning'],
    ['at critical', churn(0.5), 'critical'],
    ['under ten a second, and for each request', churn(1, 99), 'warning'],
    ['under ten a second, for fewer requests', churn(0.499, 99), 'clean'],
    ['two a second, for every second request', churn(0.5, 20), 'warning'],
    ['under two a second', churn(1, 19), 'clean'],
    ['ten a second', churn(1, 100), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(processPerRequest, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['one helper process', churn(0.0004, 1), 'clean'],
    ['an estimate that may as well be none', churn(1, 2000, 0), 'clean'],
    ['an estimate with a sure part', churn(1, 2000, 500), 'warning'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(processPerRequest, ills)).toBe(expected)
  })

  it('gives no verdict where processes come but no request was counted', () => {
    expect(resultOf(processPerRequest, churn(null, 499))).toMatchObject({
      status: 'not-applicable',
      missing: ['requests to count the processes against'],
    })
    expect(verdictOf(processPerRequest, churn(null, 500))).toBe('warning')
    expect(findingOf(processPerRequest, churn(null, 500)).summary).toContain('50 a second (limit 50)')
  })
})

it('says how many, how fast, what, and where', () => {
  const stack = ['wait4 (libc.so.6)', 'Filter::~Filter (filter.cpp:30)']
  const ills = churn(1)
  const finding = findingOf(processPerRequest, {
    processes: { ...ills.processes, command: 'cat', creators: [{ stack, share: 0.9 }] },
  })
  expect(finding.summary).toContain('1 per request (limit 0.1), 200 a second, in Filter::~Filter (filter.cpp:30)')
  expect(finding.evidence[1]?.note).toBe('such as cat')
  expect(finding.where).toEqual([{ role: 'started or waited for at', stack, share: 0.9 }])
})
