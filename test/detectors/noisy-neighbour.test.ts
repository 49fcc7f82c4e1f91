import { describe, expect, it } from 'vitest'
import type { Neighbours } from '../../src/analysis/signals.ts'
import { noisyNeighbour } from '../../src/detectors/noisy-neighbour.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { crowd, evidenceOf, findingOf, signals, verdictOf } from '../support/signals.ts'

/** Of ten seconds so many in which others use 1 of 2 cores, and a target that wants 1.2 gets 0.7. */
const crowded = (values: Partial<Neighbours['spans'][number]> = {}, seconds = 10) => ({
  neighbours: {
    spans: [...crowd(seconds, { others: 1, idle: 0.05, queued: 0.5, wanted: 1.2, ...values }), ...crowd(10 - seconds)],
  },
})

describe('limits', () => {
  it.each([
    ['a third of its threads waits', crowded(), 'info'],
    ['just enough wait', crowded({ queued: 0.36 }), 'info'],
    ['just too few wait', crowded({ queued: 0.359 }), 'clean'],
    ['others use just enough', crowded({ others: 0.5, queued: 0.4 }), 'info'],
    ['others use just too little', crowded({ others: 0.499, queued: 0.4 }), 'clean'],
    ['just no core to spare', crowded({ idle: 0.2 }), 'info'],
    ['a core to spare', crowded({ idle: 0.21 }), 'clean'],
    ['in three seconds of ten', crowded({}, 3), 'info'],
    ['in two seconds of ten', crowded({}, 2), 'clean'],
    ['steal, just enough', crowded({ others: 0, stolen: 0.181, idle: 0.2, queued: 0.1 }), 'info'],
    ['steal, just too little', crowded({ others: 0, stolen: 0.179, idle: 0.2, queued: 0.1 }), 'clean'],
    ['a target that hardly wants to run, just enough', crowded({ queued: 0.051, wanted: 0.1 }), 'info'],
    ['and just less', crowded({ queued: 0.049, wanted: 0.1 }), 'clean'],
    ['not seen', { neighbours: null }, 'not-applicable'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(noisyNeighbour, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool larger than the machine, and a small neighbour', crowded({ others: 0.5, queued: 14.5, wanted: 16 })],
    ['workers for each core under full load, with the load beside them', crowded({ others: 0.05, queued: 0.9 })],
    ['bursts of its own on a machine that is half idle', crowded({ others: 0.6, idle: 0.8, queued: 0.6 })],
    ['a neighbour that leaves it alone', crowded({ queued: 0.02 })],
    ['a target that wants nothing', crowded({ queued: 0, wanted: 0 })],
  ])('%s', (_, ills) => {
    expect(verdictOf(noisyNeighbour, ills)).toBe('clean')
  })
})

it('says who, how much and what it costs', () => {
  const { spans } = crowded().neighbours
  const programs = [
    { name: 'cc1plus', cores: 0.8 },
    { name: 'rustc', cores: 0.15 },
  ]
  const finding = findingOf(noisyNeighbour, { neighbours: { spans, programs } })
  expect(finding.summary).toBe(
    'Other programs of this machine (cc1plus, rustc) use 1 of 2 cores for 100 % of the time and leave none free: 41.7 % of what the target wants to run waits for them (limit 30 %).',
  )
  expect(evidenceOf(finding, 'of them waiting')).toBeCloseTo(0.5)
  expect(finding.evidence.map(({ note }) => note)).toContain('cc1plus 0.8, rustc 0.15')
})

it('of a machine that is stolen from', () => {
  expect(findingOf(noisyNeighbour, crowded({ others: 0.1, stolen: 0.4, idle: 0.4, queued: 0.1 })).summary).toBe(
    'The hypervisor gives 25 % of the core time that this machine wants to other machines (limit 10 %): all that runs here is so much slower.',
  )
})

it('explains threads that pile up, and is itself explained by a limit that stops them', () => {
  const ills = {
    ...crowded({ others: 1.5, queued: 1.6, wanted: 2 }),
    cpu: { cores: 0.4, available: 0.5 },
    runQueue: { threadSecondsPerSecond: 1.6, runnableThreads: 2 },
  }
  const found = (more: object) =>
    runDetectors(signals({ ...ills, ...more })).flatMap(({ id, status }) => (status === 'found' ? [id] : []))
  expect(found({})).toEqual(['noisy-neighbour'])
  expect(found({ cgroup: { share: 0.5, stopped: 0.4 } })).toEqual(['cgroup-cpu-throttling'])
})
