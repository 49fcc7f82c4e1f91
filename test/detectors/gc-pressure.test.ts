import { describe, expect, it } from 'vitest'
import type { ThreadGroup } from '../../src/analysis/signals.ts'
import { gcPressure } from '../../src/detectors/gc-pressure.ts'
import { findingOf, stallsAt, verdictOf } from '../support/signals.ts'

/** Thread-time of a group over 10 s: on CPU, waiting for a core, else idle. */
const group = (name: string, onCpu: number, runnable: number): ThreadGroup => ({
  group: name,
  threads: 1,
  seconds: { onCpu, runnable, lockWait: 0, idleWait: 10 - onCpu - runnable, ioWait: 0, sleeping: 0, unknown: 0 },
})

describe('limits', () => {
  it.each([
    [0.049, 'clean'],
    [0.05, 'warning'],
    [0.199, 'warning'],
    [0.2, 'critical'],
  ] as const)('share %d: %s', (share, expected) => {
    expect(verdictOf(gcPressure, { gc: { share, mainThreadShare: share } })).toBe(expected)
    expect(verdictOf(gcPressure, { threadTime: null, gc: { share } })).toBe(expected)
  })
})

describe('pauses that are short for the most part', () => {
  it.each([
    [0.089, 9.9, 'info'],
    [0.089, 10, 'warning'],
    [0.09, 0.5, 'warning'],
    [0.2, 0.5, 'critical'],
  ] as const)('share %d, half of the time in ones of %d ms: %s', (share, typicalMs, expected) => {
    expect(verdictOf(gcPressure, { gc: { share, mainThreadShare: share, typicalMs } })).toBe(expected)
  })
})

describe('under a CPU limit', () => {
  it.each([
    ['that stops it often and for long', { share: 0.1, stopped: 0.02 }, 'not-applicable'],
    ['that it seldom meets', { share: 0.09, stopped: 0.02 }, 'critical'],
    ['that stops it shortly', { share: 0.5, stopped: 0.019 }, 'critical'],
  ])('%s', (_, cgroup, expected) => {
    expect(verdictOf(gcPressure, { cgroup, gc: { share: 0.3, mainThreadShare: 0.3 } })).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['computing that allocates a little', { cpu: { cores: 2 }, gc: { share: 0.02, mainThreadShare: 0.02 } }],
    [
      'rare long pauses',
      { gc: { share: 0.025, longestMs: 110 }, eventLoop: { stalls: stallsAt([4000, 8000], 110, { cause: 'gc' }) } },
    ],
    ['a large heap that lives', { gc: { heapUsedPeakBytes: 2e9 } }],
  ] as const)('%s', (_, ills) => {
    expect(verdictOf(gcPressure, ills)).toBe('clean')
  })
})

describe('pauses that wait for a core', () => {
  it.each([
    // Half of the busy time waited: 6 s of 10 count, and half of the pauses.
    ['main thread, just under the limit', { share: 0.059, mainThreadShare: 0.059 }, group('main', 4, 4), 'clean'],
    ['main thread, at the limit', { share: 0.0601, mainThreadShare: 0.0601 }, group('main', 4, 4), 'warning'],
    ['worker, at the limit', { share: 0.0601 }, group('workers search.mjs', 4, 4), 'warning'],
    ['workers of an oversubscribed machine', { share: 0.3 }, group('workers search.mjs', 0.1, 6), 'clean'],
    ['a group that only waited', { share: 0.3 }, group('workers search.mjs', 0, 10), 'critical'],
  ] as const)('%s', (_, gc, threads, expected) => {
    expect(verdictOf(gcPressure, { gc, threadTime: [threads] })).toBe(expected)
  })
})

describe('finding', () => {
  it('of the main thread costs the requests in flight', () => {
    const stalls = stallsAt([1000], 80, { cause: 'gc' })
    const finding = findingOf(gcPressure, {
      gc: { pauseSeconds: 1.2, share: 0.12, mainThreadShare: 0.12, longestMs: 84 },
      eventLoop: { stalls },
    })
    expect(finding.summary).toBe(
      'Garbage collection stops the main thread 12 % of the time (limit 5 %), for up to 84 ms at once, over a heap of 46 MB.',
    )
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.12 * 32)
    expect(finding.where[0]?.stack).toEqual(stalls[0]?.stacks[0]?.stack)
  })

  it('of a JVM costs the requests in flight, and is told as what it is', () => {
    const finding = findingOf(gcPressure, {
      gc: { share: 0.15, mainThreadShare: 0, stopsAll: true, longestMs: 84, heapUsedPeakBytes: null },
    })
    expect(finding.summary).toBe(
      'Garbage collection stops all threads of the JVM 15 % of the time (limit 5 %), for up to 84 ms at once.',
    )
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.15 * 32)
    expect(finding.evidence[0]).toMatchObject({ name: 'pauses', value: 0.15, fidelity: 'exact' })
    expect(finding.advice).toContain('-Xmx')
  })

  it('of a worker that is worse off than the main thread is that of the worker', () => {
    const gc = { share: 0.25, mainThreadShare: 0.06, heapUsedPeakBytes: null }
    const finding = findingOf(gcPressure, { threadTime: [], gc })
    expect(finding.summary).toContain('stops a thread 25 % of the time')
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.25)
  })

  it('of a worker costs the worker', () => {
    const finding = findingOf(gcPressure, {
      threadTime: [],
      gc: { pauseSeconds: 4, share: 0.15, mainThreadShare: 0.01, heapUsedPeakBytes: null },
    })
    expect(finding.summary).toMatch(
      /^Garbage collection stops a thread 15 % of the time \(limit 5 %\), for up to 11 ms at once\.$/,
    )
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.15)
  })
})
