import { describe, expect, it } from 'vitest'
import { oversubscription } from '../../src/detectors/oversubscription.ts'
import { evidenceOf, findingOf, verdictOf, type Ills } from '../support/signals.ts'

/** Threads in the run queue of two cores, both used by the target but for what is said. */
const queued = (threads: number, cores = 2): Ills => ({
  cpu: { cores },
  runQueue: { threadSecondsPerSecond: threads, runnableThreads: threads + cores },
})

describe('limits', () => {
  it.each([
    ['just under four a core', queued(5.9), 'clean'],
    ['four a core', queued(6), 'warning'],
    ['just under eight a core in the queue', queued(15.9), 'warning'],
    ['eight a core in the queue', queued(16), 'critical'],
    ['a stay of a millisecond', { ...queued(8), switches: { voluntaryPerSecond: 7900 } }, 'warning'],
    ['many threads that others leave hardly a core', queued(40, 0.3), 'critical'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(oversubscription, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['as many workers as cores, at full load', queued(2.4)],
    ['few threads beside a noisy neighbour', queued(4.8, 0.6)],
    ['a large pool that is parked', { threads: { peak: 200, mean: 200 } }],
    [
      'many threads of short turns',
      { ...queued(8), switches: { voluntaryPerSecond: 40_000, involuntaryPerSecond: 7_000 } },
    ],
    ['the same queue on a larger machine', { ...queued(6), cpu: { cores: 2, available: 8 } }],
  ])('%s', (_, ills) => {
    expect(verdictOf(oversubscription, ills)).toBe('clean')
  })
})

it('gives no verdict on threads that a CPU limit stops which holdup uses up too', () => {
  const stopped = (shared: boolean): Ills => ({
    ...queued(6),
    cgroup: { share: 0.4, stopped: 0.3, shared },
  })
  expect(verdictOf(oversubscription, stopped(true))).toBe('not-applicable')
  expect(verdictOf(oversubscription, stopped(false))).toBe('warning')
})

describe('finding', () => {
  const seconds = { onCpu: 18, runnable: 240, lockWait: 0, idleWait: 0, ioWait: 0, sleeping: 0, unknown: 0 }
  const finding = findingOf(oversubscription, {
    ...queued(24),
    threadTime: [
      { group: 'main', threads: 1, seconds: { ...seconds, runnable: 1 } },
      { group: 'workers', threads: 48, seconds },
    ],
  })

  it('says how many threads want to run on how many cores', () => {
    expect(finding.summary).toBe(
      '26 threads on average want to run on 2 cores, 13 a core (limit 4): 24 of them stand in the run queue.',
    )
    expect(finding.cost.threadsHeldUp).toBe(24)
  })

  it('says how long a thread stands in the queue', () => {
    expect(evidenceOf(finding, 'mean stay in the queue')).toBeCloseTo((24 / 2490) * 1000)
  })

  it('names the group that waits most', () => {
    expect(evidenceOf(finding, 'of them waiting')).toBe(24)
    expect(finding.evidence.at(-1)?.note).toBe('workers, 48 in all')
  })
})
