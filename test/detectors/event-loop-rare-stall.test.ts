import { describe, expect, it } from 'vitest'
import { eventLoopRareStall } from '../../src/detectors/event-loop-rare-stall.ts'
import { findingOf, HANDLER, SEARCH, stallsAt, verdictOf, type Ills } from '../support/signals.ts'

const rare = (times: readonly number[], ms: number, values: Parameters<typeof stallsAt>[2] = {}): Ills => ({
  eventLoop: { stalls: stallsAt(times, ms, values) },
})

describe('limits', () => {
  it.each([
    ['just under 50 ms', rare([2000, 7000], 49), 'clean'],
    ['50 ms', rare([2000, 7000], 50), 'warning'],
    ['just under 500 ms', rare([2000, 7000], 499), 'warning'],
    ['500 ms', rare([2000, 7000], 500), 'critical'],
    ['two in 20 s', { ...rare([2000, 17_000], 150), quality: { windowSeconds: 20 } }, 'warning'],
    [
      'two in 21 s, just under a hundredth of it',
      { ...rare([2000, 17_000], 104), quality: { windowSeconds: 21 } },
      'clean',
    ],
    ['two in 21 s, a hundredth of it', { ...rare([2000, 17_000], 106), quality: { windowSeconds: 21 } }, 'warning'],
    ['two of two seconds in a minute', { ...rare([2000, 32_000], 2000), quality: { windowSeconds: 60 } }, 'critical'],
    ['just under five usual turns', { eventLoop: { ...rare([2000, 7000], 99).eventLoop, turnMs: turns(20) } }, 'clean'],
    ['five usual turns', { eventLoop: { ...rare([2000, 7000], 100).eventLoop, turnMs: turns(20) } }, 'warning'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(eventLoopRareStall, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a single stall', rare([300], 400)],
    ['one incident', rare([300, 800, 1200], 400)],
    ['garbage collection', rare([2000, 7000], 400, { cause: 'gc' })],
    ['stolen CPU', rare([2000, 7000], 400, { cause: 'stolen' })],
    ['mostly stolen CPU', rare([2000, 7000], 400, { queuedMs: 360 })],
    ['a synchronous call', rare([2000, 7000], 400, { cause: 'blocked' })],
  ])('%s', (_, ills) => {
    expect(verdictOf(eventLoopRareStall, ills)).toBe('clean')
  })

  it('a stall in each of several processes', () => {
    const stalls = [2000, 7000].flatMap((t, pid) => stallsAt([t], 150, { pid }))
    expect(verdictOf(eventLoopRareStall, { eventLoop: { stalls } })).toBe('clean')
  })

  it('two stalls of different functions', () => {
    const stalls = [
      ...stallsAt([2000], 400),
      ...stallsAt([7000], 400, { stacks: [{ stack: ['parse (/srv/app/p.mjs:1:1)'], share: 1 }] }),
    ]
    expect(verdictOf(eventLoopRareStall, { eventLoop: { stalls } })).toBe('clean')
  })
})

describe('what is missing', () => {
  it('cannot tell related stalls without a CPU profile', () => {
    expect(verdictOf(eventLoopRareStall, { ...rare([2000, 7000], 150), profiles: null })).toBe('not-applicable')
    expect(verdictOf(eventLoopRareStall, { profiles: null })).toBe('clean')
  })

  it('cannot tell computing from waiting without the CPU time of the main thread', () => {
    expect(verdictOf(eventLoopRareStall, rare([2000, 7000], 150, { cause: 'unknown' }))).toBe('not-applicable')
    expect(verdictOf(eventLoopRareStall, { eventLoop: { mainThreadCpu: null } })).toBe('clean')
  })
})

describe('finding', () => {
  it('says how often, how long, and how long the usual turn is', () => {
    const finding = findingOf(eventLoopRareStall, rare([2000, 5000, 8000], 150))
    expect(finding.summary).toBe(
      'search (search.mjs:40) stops the event loop 3 times in 10 s (limit 1), 4.5 % of the time (limit 1 %), for up to 150 ms (limit 50 ms); the usual turn takes 0.3 ms.',
    )
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.045 * 32)
  })

  it('names the innermost function that most of the time is spent in', () => {
    const leaves = ['a', 'b', 'c'].map((name) => ({
      stack: [`${name} (/srv/app/x.mjs:1:1)`, SEARCH, HANDLER],
      share: 0.3,
    }))
    expect(findingOf(eventLoopRareStall, rare([2000, 7000], 150, { stacks: leaves })).summary).toMatch(/^search /)
  })

  it("prefers the target's own functions to its dependencies'", () => {
    const stacks = [{ stack: ['hash (/srv/app/node_modules/bcryptjs/index.js:9:1)', SEARCH], share: 1 }]
    expect(findingOf(eventLoopRareStall, rare([2000, 7000], 150, { stacks })).summary).toMatch(/^search /)
  })
})

function turns(p50: number) {
  return { p50, p90: p50, p99: p50, max: p50 }
}

it('holds up the requests of its own process alone', () => {
  const ills: Ills = {
    eventLoop: { stalls: stallsAt([2000, 7000], 500), requestShare: 0.125 },
    http: { inFlightMean: 64 },
  }
  expect(findingOf(eventLoopRareStall, ills).cost.threadsHeldUp).toBeCloseTo(0.1 * 64 * 0.125)
})
