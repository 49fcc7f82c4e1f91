import { describe, expect, it } from 'vitest'
import type { Connections, Threads } from '../../src/analysis/signals.ts'
import { poolThrash } from '../../src/detectors/pool-thrash.ts'
import { evidenceOf, findingOf, type Ills, resultOf, verdictOf } from '../support/signals.ts'

const CREATOR = ['ElasticPool::add_thread() (elastic-pool.cpp:4)', 'ElasticPool::submit (elastic-pool.h:27)']

/** In 10 s so many threads for each of 2,500 requests, which take 128 ms on average; threads live for 500 ms. */
function pool(perRequest: number, values: Partial<Threads> = {}, connections: Partial<Connections> = {}): Ills {
  const created = perRequest * 2500
  return {
    threads: {
      created,
      createdLow: created,
      createdHigh: created,
      exited: created,
      createdPerRequest: perRequest,
      lifetimeMs: { p50: 500, p90: 900, p99: 1400, max: 2000 },
      creators: [{ stack: CREATOR, count: created }],
      fidelity: 'exact',
      ...values,
    },
    connections,
  }
}
const life = (p50: number) => ({ lifetimeMs: { p50, p90: 900, p99: 1400, max: 2000 } })

describe('limits', () => {
  it.each([
    ['just under a tenth of the requests', pool(0.099), 'clean'],
    ['a tenth', pool(0.1), 'warning'],
    ['just under half', pool(0.499), 'warning'],
    ['half: a thread per request', pool(0.5), 'clean'],
    ['just under ten a second', pool(0.2, { createdLow: 99 }), 'clean'],
    ['ten a second', pool(0.2, { createdLow: 100 }), 'warning'],
    ['half of them ended', pool(0.2, { exited: 250 }), 'warning'],
    ['just fewer: it warms up', pool(0.2, { exited: 249 }), 'clean'],
    ['lives for longer than a request', pool(0.2, life(160)), 'warning'],
    ['for just less', pool(0.2, life(159)), 'clean'],
    ['a connection for every other thread', pool(0.2, {}, { opened: 250 }), 'warning'],
    ['for just more: threads of connections', pool(0.2, {}, { opened: 251 }), 'clean'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(poolThrash, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool that keeps its threads', pool(0)],
    ['a thread for each request', pool(1, life(130))],
    ['a thread for each connection of five requests', pool(0.2, life(640), { opened: 500 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(poolThrash, ills)).toBe('clean')
  })

  it.each([
    ['lifetimes that nobody counted', pool(0.2, { lifetimeMs: null }), 'how long its threads live'],
    [
      'connections that nobody counted',
      { ...pool(0.2), connections: null },
      'connections to count the threads against',
    ],
  ])('%s: no verdict', (_, ills, missing) => {
    expect(resultOf(poolThrash, ills)).toMatchObject({ status: 'not-applicable', missing: [missing] })
  })
})

it('says how many, where, and how many requests each serves', () => {
  const finding = findingOf(poolThrash, pool(0.2))
  expect(finding.summary).toBe(
    'A pool makes 50 threads a second, in ElasticPool::add_thread() (elastic-pool.cpp:4), and lets as many go under steady load: 0.2 for each request (limit 0.1). Each lives for 500 ms and serves some 5 requests.',
  )
  expect(evidenceOf(finding, 'threads ended')).toBe(1)
  expect(finding.where).toEqual([{ role: 'created at', stack: CREATOR, share: 1 }])
})
