import { describe, expect, it } from 'vitest'
import { asyncRuntimeBlocked } from '../../src/detectors/async-runtime-blocked.ts'
import type { RuntimePool } from '../../src/analysis/signals.ts'
import { evidenceOf, findingOf, type Ills, lock, runtimePool, verdictOf } from '../support/signals.ts'

const FETCH = 'service::fetch (/srv/service/src/main.rs:40:9)'
const IN_RECV = { call: 'recvfrom', isLock: false, stack: ['__libc_recv (libc.so.6)', FETCH], threads: 1 }
const IN_LOCK = { call: 'mutex', isLock: true, stack: ['lock_contended (mutex.rs:9)', FETCH], threads: 1 }

const workers = (values: Partial<RuntimePool>): Ills => ({ asyncRuntime: { workers: runtimePool(values) } })

describe('limits', () => {
  it.each([
    ['never blocked', { running: 2 }, 'clean'],
    ['just under the limit', { running: 1.9, inCalls: 0.099 }, 'clean'],
    ['at the limit', { running: 1.8, inCalls: 0.1 }, 'warning'],
    ['just under critical', { running: 1, inCalls: 0.999 }, 'warning'],
    ['at critical', { running: 0.9, inCalls: 1 }, 'critical'],
    ['in queues of many locks', { running: 0.9, inLocks: 1 }, 'critical'],
    ['no runtime', { threads: 0, peak: 0, running: 0 }, 'clean'],
  ])('%s', (_, values, expected) => {
    expect(verdictOf(asyncRuntimeBlocked, workers(values))).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['an honest wait for an upstream: workers rest', { running: 0.2 }, 'clean'],
    ['handlers that compute', { running: 2 }, 'clean'],
    ['a call that blocks while a worker rests', { running: 0.2, inCalls: 0.8 }, 'clean'],
    ['the same with less than one at rest', { running: 0.2, inCalls: 0.81 }, 'warning'],
    ['the same where who rests is of another runtime', { running: 0.2, inCalls: 0.8, resting: 0 }, 'warning'],
  ])('%s', (_, values, expected) => {
    expect(verdictOf(asyncRuntimeBlocked, workers(values))).toBe(expected)
  })

  it('leaves the queue of one lock to global-mutex', () => {
    const ills = { ...workers({ threads: 8, running: 1, inLocks: 6, calls: [IN_LOCK] }), lockWait: { locks: [lock()] } }
    expect(verdictOf(asyncRuntimeBlocked, ills)).toBe('clean')
    const both = workers({ threads: 8, running: 1.5, inLocks: 4, inCalls: 2, calls: [IN_LOCK, IN_RECV] })
    const finding = findingOf(asyncRuntimeBlocked, { ...both, lockWait: { locks: [lock()] } })
    expect(evidenceOf(finding, 'workers blocked')).toBe(0.25)
    expect(finding.where.map(({ role }) => role)).toEqual(['blocked in recvfrom'])
  })
})

it('says how many stand where', () => {
  const finding = findingOf(asyncRuntimeBlocked, workers({ running: 0.5, inCalls: 1.5, calls: [IN_RECV] }))
  expect(finding.summary).toContain(
    '1.5 of 2 workers of the async runtime stand in calls that block, 75 % of their time (limit 5 %), mostly in recvfrom of service::fetch (main.rs:40)',
  )
  expect(finding.cost.threadsHeldUp).toBe(1.5)
})

describe('event loops of other programs', () => {
  const loop = (values: Partial<RuntimePool>, inFlightMean: number): Ills => ({
    asyncRuntime: { loops: runtimePool({ threads: 1, peak: 1, running: 0, ...values }) },
    http: { inFlightMean },
    clientSockets: { open: 16 },
  })

  it.each([
    ['just under the limit', loop({ inCalls: 0.329 }, 16), 'clean'],
    ['at the limit', loop({ inCalls: 0.33 }, 16), 'warning'],
    ['at critical', loop({ inCalls: 0.5 }, 16), 'critical'],
    ['one client at a time', loop({ inCalls: 0.9 }, 1.9), 'clean'],
    ['as many processes as clients', loop({ threads: 8, inCalls: 7 }, 8), 'clean'],
    [
      'as many processes as connections accepted',
      { ...loop({ inCalls: 0.9 }, 32), clientSockets: { open: 1 } },
      'clean',
    ],
    ['connections unseen', { ...loop({ inCalls: 0.9 }, 16), clientSockets: null }, 'critical'],
    ['requests unseen', { ...loop({ inCalls: 0.9 }, 16), http: null, clientSockets: { open: 2 } }, 'critical'],
    ['and one client', { ...loop({ inCalls: 0.9 }, 16), http: null, clientSockets: { open: 1.9 } }, 'clean'],
    ['and no client seen', { ...loop({ inCalls: 0.9 }, 16), http: null, clientSockets: null }, 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(asyncRuntimeBlocked, ills)).toBe(expected)
  })

  it('says so', () => {
    const finding = findingOf(asyncRuntimeBlocked, loop({ inCalls: 0.9, calls: [{ ...IN_RECV, threads: 0.9 }] }, 16))
    expect(finding.summary).toContain('0.9 of 1 event loops stand in calls that block, 90 % of their time')
    expect(finding.advice).toContain('run_in_executor')
  })
})
