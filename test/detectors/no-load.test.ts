import { describe, expect, it } from 'vitest'
import { noLoad } from '../../src/detectors/no-load.ts'
import { findingOf, runtimePool, verdictOf, type Ills } from '../support/signals.ts'

/** A service with next to nothing to do, but for the given values. */
const idle = (ills: Ills = {}): Ills => ({
  cpu: { cores: 0.01, ...ills.cpu },
  lockWait: { threadSecondsPerSecond: 0, ...ills.lockWait },
  http: ills.http === null ? null : { requests: 0, perSecond: 0, inFlightMean: 0, inFlightPeak: 0, ...ills.http },
  eventLoop: ills.eventLoop ?? {},
  asyncRuntime: ills.asyncRuntime ?? {},
})

/** A native program at rest, whose protocol holdup does not know. */
const strange = (ills: Ills = {}): Ills => ({
  ...idle({ http: null }),
  quality: { profileSamples: null, ...ills.quality },
  switches: { voluntaryPerSecond: 20, ...ills.switches },
})

describe('limits', () => {
  it.each([
    ['no request', idle(), 'warning'],
    ['four requests', idle({ http: { requests: 4 } }), 'warning'],
    ['five requests', idle({ http: { requests: 5 } }), 'clean'],
    ['CPU just under the limit', idle({ cpu: { cores: 0.49 } }), 'warning'],
    ['CPU at the limit', idle({ cpu: { cores: 0.5 } }), 'clean'],
    ['half of a small limit, just under', idle({ cpu: { cores: 0.199, available: 0.4 } }), 'warning'],
    ['half of a small limit', idle({ cpu: { cores: 0.2, available: 0.4 } }), 'clean'],
    ['stopped by its limit', { ...idle(), cgroup: { share: 0.9, stopped: 0.3 } }, 'clean'],
    ['in flight just under the limit', idle({ http: { inFlightMean: 0.99 } }), 'warning'],
    ['in flight at the limit', idle({ http: { inFlightMean: 1 } }), 'clean'],
    [
      'the CPU and the stalls of a start-up',
      idle({ cpu: { cores: 0.2 }, eventLoop: { blockedSeconds: 1 } }),
      'warning',
    ],
    ['stalls just under the limit', idle({ eventLoop: { blockedSeconds: 4.9 } }), 'warning'],
    ['stalls at the limit', idle({ eventLoop: { blockedSeconds: 5 } }), 'clean'],
    ['held up just under the limit', idle({ lockWait: { threadSecondsPerSecond: 0.49 } }), 'warning'],
    ['requests of another protocol, one too few', strange({ quality: { requests: 4 } }), 'warning'],
    ['requests of another protocol', strange({ quality: { requests: 5 } }), 'clean'],
    ['wake-ups just under the limit', strange({ switches: { voluntaryPerSecond: 249 } }), 'warning'],
    ['wake-ups at the limit', strange({ switches: { voluntaryPerSecond: 250 } }), 'clean'],
    [
      "wake-ups that may be V8's profiler's",
      strange({ switches: { voluntaryPerSecond: 250 }, quality: { profileSamples: 1000 } }),
      'warning',
    ],
    ['held up at the limit', idle({ lockWait: { threadSecondsPerSecond: 0.5 } }), 'clean'],
    ['in calls just under the limit', idle({ asyncRuntime: { workers: runtimePool({ inCalls: 0.49 }) } }), 'warning'],
    ['in calls at the limit', idle({ asyncRuntime: { workers: runtimePool({ inCalls: 0.5 }) } }), 'clean'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(noLoad, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['load of another kind than HTTP', idle({ http: null, cpu: { cores: 1.2 } })],
    ['a service that is stuck: requests time out', idle({ http: { timeouts: 3 } })],
  ])('%s', (_, ills) => {
    expect(verdictOf(noLoad, ills)).toBe('clean')
  })
})

describe('finding', () => {
  it('says what was seen', () => {
    expect(findingOf(noLoad, idle({ http: { requests: 2 } })).summary).toBe(
      '2 HTTP requests came in 10 s (limit 5 requests) and the target used 0.01 cores (limit 0.5): nothing can be said of a service that has nothing to do.',
    )
    expect(findingOf(noLoad, { ...idle({ http: null }), cpu: null }).summary).toMatch(
      /^No HTTP request was seen in 10 s \(limit 5 requests\): nothing/,
    )
    expect(findingOf(noLoad, strange({ quality: { requests: 0 } })).summary).toMatch(/^No request was seen in 10 s/)
    expect(findingOf(noLoad, strange({ quality: { requests: 3 } })).summary).toMatch(/^3 requests came in 10 s/)
  })
  it('says first that the target did not stay', () => {
    const quality = { endedByItself: true, exit: { code: 0, signal: null }, recordedSeconds: 0.09 }
    const { summary, advice } = findingOf(noLoad, { ...idle({ http: null }), quality })
    expect(summary).toMatch(/^The target ended by itself, with exit code 0, after 90 ms\. No HTTP request was seen/)
    expect(advice).toContain('holdup attach')
  })
})
