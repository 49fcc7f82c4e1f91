import { describe, expect, it } from 'vitest'
import { libuvPoolStarvation } from '../../src/detectors/libuv-pool-starvation.ts'
import { findingOf, verdictOf } from '../support/signals.ts'

/** A pool whose trivial jobs take so long, on two cores. */
const pool = (p50: number, { cores = 0.4, turn = 0.3, jobs = 16 } = {}) => ({
  libuvPool: { pid: 1, jobs, jobMs: { p50, p90: p50 * 2, p99: p50 * 3, max: p50 * 3 }, fidelity: 'sampled' as const },
  eventLoop: { turnMs: { p50: turn, p90: turn, p99: turn, max: turn } },
  cpu: { cores, available: 2, probeCores: 0, fidelity: 'sampled' as const },
})

describe('limits', () => {
  it.each([
    ['just under', pool(19.9), 'clean'],
    ['at the limit', pool(20), 'warning'],
    ['just under critical', pool(99), 'warning'],
    ['critical', pool(100), 'critical'],
    ['just enough jobs', pool(100, { jobs: 3 }), 'critical'],
    ['too few jobs', pool(100, { jobs: 2 }), 'clean'],
    ['four turns', pool(40, { turn: 10 }), 'warning'],
    ['the loop is as slow', pool(40, { turn: 10.1 }), 'clean'],
    ['just enough free cores', pool(100, { cores: 1.75 }), 'critical'],
    ['no core is free', pool(100, { cores: 1.76 }), 'info'],
    ['no agent', { libuvPool: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(libuvPoolStarvation, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it('a service that waits for its upstream', () => {
    expect(
      verdictOf(libuvPoolStarvation, { http: { latencyMs: { ...pool(1).libuvPool.jobMs, mean: 300, stddev: 9 } } }),
    ).toBe('clean')
  })
})

it('says how long, and that cores are free', () => {
  expect(findingOf(libuvPoolStarvation, pool(64)).summary).toBe(
    "A trivial job for Node's thread pool takes 64 ms (median, limit 20 ms), while the event loop turns in 0.3 ms and 0.4 of 2 cores are free: all its threads are taken by jobs that wait.",
  )
})
