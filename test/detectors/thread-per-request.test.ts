import { describe, expect, it } from 'vitest'
import { threadPerRequest } from '../../src/detectors/thread-per-request.ts'
import { evidenceOf, findingOf, type Ills, lock, resultOf, verdictOf } from '../support/signals.ts'

/** Threads that are born and die with the requests of the 10 s window. */
const churn = (createdPerRequest: number | null, values: Ills['threads'] = {}): Ills => ({
  threads: {
    created: 4000,
    createdLow: 4000,
    createdHigh: 4000,
    exited: 3990,
    createdPerRequest,
    lifetimeMs: { p50: 20, p90: 30, p99: 40, max: 50 },
    fidelity: 'exact',
    ...values,
  },
})

describe('limits', () => {
  it.each([
    ['just under the limit', churn(0.099), 'clean'],
    ['at the limit', churn(0.1), 'warning'],
    ['just under critical', churn(0.499), 'warning'],
    ['at critical', churn(0.5), 'critical'],
    ['under ten a second', churn(1, { created: 99, createdLow: 99, exited: 99 }), 'clean'],
    ['ten a second', churn(1, { created: 100, createdLow: 100, exited: 100 }), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(threadPerRequest, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool that the first requests fill', churn(0.5, { created: 100, createdLow: 100, exited: 3 }), 'clean'],
    ['threads of connections', churn(0.2, { lifetimeMs: { p50: 1001, p90: 2000, p99: 3000, max: 4000 } }), 'clean'],
    ['an estimate that may as well be none', churn(1, { createdLow: 0, fidelity: 'sampled' }), 'clean'],
    [
      'connections that come and stay, as sweeps saw them',
      churn(null, {
        created: 600,
        createdLow: 600,
        createdHigh: 600,
        exited: 0,
        lifetimeMs: null,
        fidelity: 'sampled',
      }),
      'clean',
    ],
    [
      'an estimate with a sure part',
      churn(1, { createdLow: 2000, createdHigh: 6000, exited: 0, fidelity: 'sampled' }),
      'critical',
    ],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(threadPerRequest, ills)).toBe(expected)
  })

  it('gives no verdict where threads come but no request was counted', () => {
    const few = churn(null, { created: 499, createdLow: 499, exited: 499 })
    expect(resultOf(threadPerRequest, few)).toMatchObject({
      status: 'not-applicable',
      missing: ['requests to count the threads against'],
    })
    const many = churn(null, { created: 500, createdLow: 500, exited: 500 })
    expect(verdictOf(threadPerRequest, many)).toBe('warning')
    expect(findingOf(threadPerRequest, many).summary).toContain('50 a second (limit 50), each living')
  })
})

it('says how many, how fast, and where', () => {
  const creators = [
    { stack: ['pthread_create (libc.so.6)', 'std::thread::spawn (mod.rs:9)', 'serve (main.rs:7)'], count: 3000 },
    { stack: ['other (main.rs:9)'], count: 1000 },
  ]
  const finding = findingOf(threadPerRequest, { ...churn(1, { creators }), runQueue: { threadSecondsPerSecond: 21 } })
  expect(finding.summary).toContain(
    '1 per request (limit 0.1), 400 a second, each living for 20 ms, in serve (main.rs:7)',
  )
  expect(finding.where[0]).toEqual({ role: 'created at', stack: creators[0]?.stack, share: 0.75 })
  expect(finding.cost.threadsHeldUp).toBe(21)
})

const inLibc = ['__lll_lock_wait_private (libc.so.6)', 'get_cached_stack (allocatestack.c:64)', 'serve (main.rs:7)']

it('takes the lock along in which libc keeps the stacks of threads, and no other', () => {
  const locks = [
    lock({ id: 'libc', heldUp: 11, waiters: [{ stack: inLibc, seconds: 60 }] }),
    lock({ id: 'own', heldUp: 3 }),
  ]
  const finding = findingOf(threadPerRequest, { ...churn(1), lockWait: { locks } })
  expect(finding.locks).toEqual(['libc'])
  expect(evidenceOf(finding, 'held up by a lock')).toBe(11)
})

it('costs more than the wait for that lock, which says nothing of what it would buy to do without', () => {
  const locks = [lock({ heldUp: 0.1, waits: 100, waiters: [{ stack: inLibc, seconds: 1 }] })]
  const ills: Ills = {
    ...churn(1),
    lockWait: { locks },
    client: { machineCores: 2, idleCores: 0.3, cores: 0.1 },
    scale: null,
    neighbours: null,
  }
  expect(findingOf(threadPerRequest, ills)).toMatchObject({ severity: 'critical', cost: { gain: null } })
})
