import { describe, expect, it } from 'vitest'
import { eventLoopBlockCpu } from '../../src/detectors/event-loop-block-cpu.ts'
import {
  evidenceOf,
  findingOf,
  HANDLER,
  http,
  profiles,
  SEARCH,
  signals,
  stallsAt,
  verdictOf,
  type Ills,
} from '../support/signals.ts'

const turnMs = (p50: number) => ({ p50, p90: p50 * 2, p99: p50 * 3, max: p50 * 4 })

/** A busy loop with that usual turn, one request filling `requestMs` of the main thread. */
const turns = (p50: number, { mainThreadCpu = 1, requestMs = 40 } = {}): Ills => ({
  eventLoop: { turnMs: turnMs(p50), mainThreadCpu },
  httpServer: { perSecond: (mainThreadCpu * 1000) / requestMs, latencyMs: latency(20, 60) },
})

/** Stalls at each second of the 10 s window, `ms` long. */
const stalled = (ms: number, seconds: number, values: Parameters<typeof stallsAt>[2] = {}): Ills => {
  const times = Array.from({ length: seconds }, (_, i) => (i + 1) * 1000)
  return { eventLoop: { stalls: stallsAt(times, ms, values), mainThreadCpu: 0.6 } }
}

/** Short turns, in which so many of the 10 s go into hashing. */
const hashing = (seconds: number): Ills => ({
  ...turns(3, { requestMs: 3 }),
  profiles: profiles([
    {
      pid: 10,
      call: 'pbkdf2Sync (pbkdf2)',
      seconds,
      longestMs: 5,
      calls: 1000,
      stack: ['pbkdf2Sync (node:internal/crypto/pbkdf2:61:20)', SEARCH],
    },
  ]),
})

describe('limits', () => {
  it.each([
    ['turn just under the limit', turns(9.9), 'clean'],
    ['turn at the limit', turns(10), 'warning'],
    ['turn just under critical', turns(49.9), 'warning'],
    ['turn at critical', turns(50), 'critical'],
    ['stalls just under a quarter of the time', stalled(249, 10), 'clean'],
    ['stalls a quarter of the time', stalled(250, 10), 'warning'],
    ['stalls just under half of the time', stalled(499, 10), 'warning'],
    ['stalls half of the time', stalled(500, 10), 'critical'],
    ['long stalls, a quarter of the time', stalled(500, 5), 'critical'],
    ['many short ones', { eventLoop: { stalls: stallsAt(every(200), 60), mainThreadCpu: 0.6 } }, 'warning'],
    ['hashing synchronously, just under a quarter of the time', hashing(2.49), 'clean'],
    ['hashing synchronously, a quarter of the time', hashing(2.5), 'warning'],
    ['many too short ones', { eventLoop: { stalls: stallsAt(every(100), 49), mainThreadCpu: 0.6 } }, 'clean'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(eventLoopBlockCpu, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  const short = { httpServer: http({ source: 'agent', perSecond: 900 }) }
  it.each([
    ['short turns at full load', turns(3, { requestMs: 3 })],
    ['turns of many short requests that came together', turns(32, { requestMs: 1 })],
    [
      'stalls that are such turns',
      { ...stalled(300, 10), ...short, eventLoop: { ...stalled(300, 10).eventLoop, turnMs: turnMs(80) } },
    ],
    ['turns long for want of a core', turns(30, { mainThreadCpu: 0.2 })],
    ['turns long for a blocking call', turns(30, { mainThreadCpu: 0.1, requestMs: 10 })],
    ['stalls mostly for want of a core', stalled(600, 8, { queuedMs: 560 })],
    ['stolen stalls', stalled(600, 8, { cause: 'stolen' })],
    ['garbage collection', stalled(600, 8, { cause: 'gc' })],
    ['blocking calls', stalled(600, 8, { cause: 'blocked' })],
    [
      'a synchronous read on CPU',
      stalled(600, 8, { stacks: [{ stack: ['readFileSync (node:fs:448:20)', SEARCH], share: 1 }] }),
    ],
    ['an index built once', stalled(6000, 1)],
    ['a burst at the beginning', { eventLoop: { stalls: stallsAt([400, 900, 1300], 900), mainThreadCpu: 0.6 } }],
    ['no function in it', stalled(600, 8, { stacks: [{ stack: ['(program)'], share: 1 }] })],
  ])('%s', (_, ills) => {
    expect(verdictOf(eventLoopBlockCpu, ills)).toBe('clean')
  })

  it('counts only stalls that share a function', () => {
    const mixed = signals({ eventLoop: { mainThreadCpu: 0.6 } })
    const stalls = every(1000).flatMap((t, i) =>
      stallsAt([t], 400, { stacks: [{ stack: [`f${i} (/srv/app/f.mjs:${i}:1)`], share: 1 }] }),
    )
    expect(verdictOf(eventLoopBlockCpu, { eventLoop: { ...mixed.eventLoop, stalls } })).toBe('clean')
  })
})

it('tells one long request in twenty from many short ones', () => {
  const mixed = (p50: number, p99: number): Ills => ({
    eventLoop: { turnMs: turnMs(130), mainThreadCpu: 0.45, stalls: stallsAt(every(200), 130, { queuedMs: 70 }) },
    httpServer: { perSecond: 164, latencyMs: latency(p50, p99) },
  })
  expect(verdictOf(eventLoopBlockCpu, mixed(0.1, 148))).toBe('critical')
  expect(verdictOf(eventLoopBlockCpu, mixed(30, 148))).toBe('clean')
  expect(verdictOf(eventLoopBlockCpu, mixed(0.1, 49))).toBe('clean')
})

it('takes the requests of one process of several for what its loop computes', () => {
  const long = turns(20, { requestMs: 40 })
  const quick = { ...long, httpServer: { ...long.httpServer, perSecond: 200, latencyMs: latency(50, 100) } }
  expect(verdictOf(eventLoopBlockCpu, quick)).toBe('clean')
  const cluster = { ...quick, eventLoop: { ...long.eventLoop, requestShare: 0.125 } }
  expect(verdictOf(eventLoopBlockCpu, cluster)).toBe('warning')
  expect(evidenceOf(findingOf(eventLoopBlockCpu, cluster), 'main-thread CPU per request')).toBe(40)
})

describe('what is missing', () => {
  it('takes all stalls for alike without a CPU profile', () => {
    expect(verdictOf(eventLoopBlockCpu, { ...stalled(300, 10, { stacks: [] }), profiles: null })).toBe('warning')
  })

  it.each([
    ['long turns', { turnMs: turnMs(80) }, 'not-applicable'],
    ['short turns', {}, 'clean'],
    ['stalls of unknown cause', { stalls: stallsAt([1000, 5000], 600, { cause: 'unknown' }) }, 'not-applicable'],
    ['stalls of known cause', { stalls: stallsAt(every(1000), 600) }, 'critical'],
  ] as const)('the CPU time of the main thread: %s', (_, eventLoop, expected) => {
    const ills: Ills = { eventLoop: { ...eventLoop, mainThreadCpu: null }, httpServer: null }
    expect(verdictOf(eventLoopBlockCpu, ills)).toBe(expected)
  })
})

describe('finding', () => {
  it('names the function that the stalls share, its share and the longest', () => {
    const finding = findingOf(eventLoopBlockCpu, stalled(300, 10))
    expect(finding.summary).toBe(
      'search (search.mjs:40) blocks the event loop 30 % of the time (limit 25 %), up to 300 ms at a stretch; no other request is served meanwhile.',
    )
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.3 * 32)
    expect(finding.where[0]).toMatchObject({
      role: 'blocks the loop',
      stack: [SEARCH, HANDLER, 'emit (node:events:518:28)'],
    })
  })

  it('shows where the CPU goes when no turn is a stall', () => {
    const finding = findingOf(eventLoopBlockCpu, turns(20, { mainThreadCpu: 0.9 }))
    expect(finding.summary).toMatch(/computes for 18 ms in its usual turn \(limit 10 ms\)/)
    expect(finding.where).toEqual([{ role: 'on CPU', stack: [SEARCH, HANDLER], share: 1 }])
    expect(evidenceOf(finding, 'main-thread CPU per request')).toBeCloseTo(40)
  })

  it('takes the worst of several processes, not their sum', () => {
    const stalls = [...stallsAt(every(1000), 200), ...stallsAt(every(1000), 200, { pid: 11 })]
    expect(verdictOf(eventLoopBlockCpu, { eventLoop: { stalls, mainThreadCpu: 0.6 } })).toBe('clean')
  })
})

function latency(p50: number, p99: number) {
  return { mean: p50, stddev: p50, p50, p90: p99, p99, max: p99 }
}

/** Times over the window, so many milliseconds apart. */
function every(ms: number): number[] {
  return Array.from({ length: 10_000 / ms }, (_, i) => (i + 1) * ms)
}
