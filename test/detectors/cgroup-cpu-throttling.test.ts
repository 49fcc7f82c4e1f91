import { describe, expect, it } from 'vitest'
import { cgroupCpuThrottling } from '../../src/detectors/cgroup-cpu-throttling.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { crowd, evidenceOf, findingOf, signals, verdictOf } from '../support/signals.ts'

/** A group of two cores that was stopped in so large a share of its periods. */
const throttled = (share: number, { periods = 100, stopped = share * 0.4 } = {}) => ({
  cgroup: { share, periods, throttled: share * periods, stopped },
})

describe('limits', () => {
  it.each([
    ['just under', throttled(0.099), 'clean'],
    ['at the limit', throttled(0.1), 'warning'],
    ['just under critical', throttled(0.249), 'warning'],
    ['critical', throttled(0.25), 'critical'],
    ['stops that are just long enough', throttled(0.3, { stopped: 0.02 }), 'critical'],
    ['stops too short to matter', throttled(0.3, { stopped: 0.019 }), 'clean'],
    ['just enough periods', throttled(1, { periods: 10 }), 'critical'],
    ['too few periods', throttled(1, { periods: 9 }), 'clean'],
    ['no group was seen', { cgroup: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(cgroupCpuThrottling, ills)).toBe(expected)
  })

  it('is clean where there is no limit', () => {
    expect(verdictOf(cgroupCpuThrottling, { cgroup: { cores: null, name: '' } })).toBe('clean')
  })
})

describe('look-alikes', () => {
  it.each([
    [
      'threads that wait for a core of a busy machine',
      { runQueue: { threadSecondsPerSecond: 9, runnableThreads: 11 } },
    ],
    ['a limit that is used to the full, and no more', { cpu: { cores: 1.99 } }],
  ])('%s', (_, ills) => {
    expect(verdictOf(cgroupCpuThrottling, ills)).toBe('clean')
  })
})

describe('holdup and its load in the same group', () => {
  /** Of a limit of 2 cores. */
  const sharing = (used: number, own: number, shared = true) => ({
    cgroup: { ...throttled(0.5).cgroup, shared },
    cpu: { cores: used },
    neighbours: { spans: crowd(10, { own }) },
  })

  it.each([
    ['use what the target leaves', sharing(1.6, 0.4), 'not-applicable'],
    ['use just enough', sharing(1.79, 0.201), 'not-applicable'],
    ['hardly use any', sharing(1.6, 0.19), 'critical'],
    ['and the target uses the limit itself', sharing(1.8, 0.4), 'critical'],
    ['no: they run elsewhere', sharing(1.6, 0.4, false), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(cgroupCpuThrottling, ills)).toBe(expected)
  })
})

it('says how often, and by which limit', () => {
  const finding = findingOf(cgroupCpuThrottling, { cgroup: { ...throttled(0.62).cgroup, cores: 0.5 } })
  expect(finding.summary).toBe(
    'In 62 % of its periods (limit 10 %) the target had used up the 0.5 cores that its control group allows, and all its threads stood still until the next one.',
  )
  expect(finding.evidence[0]?.note).toBe('62 of 100, by /sys/fs/cgroup/search')
  expect(evidenceOf(finding, 'CPU limit')).toBe(0.5)
})

it('is what threads that stand still are blamed on', () => {
  const results = runDetectors(
    signals({
      cgroup: { ...throttled(0.9).cgroup, cores: 0.5 },
      cpu: { cores: 0.5, available: 0.5 },
      runQueue: { threadSecondsPerSecond: 5, runnableThreads: 5.5 },
    }),
  )
  expect(results.filter(({ status }) => status === 'found').map(({ id }) => id)).toEqual(['cgroup-cpu-throttling'])
  const notes = results.flatMap(({ findings }) => findings.flatMap(({ evidence }) => evidence.map(({ note }) => note)))
  expect(notes.filter((note) => /^(oversubscription|cpu-saturated): /.test(note ?? ''))).toHaveLength(2)
})
