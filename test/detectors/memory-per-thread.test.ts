import { describe, expect, it } from 'vitest'
import { memoryPerThread } from '../../src/detectors/memory-per-thread.ts'
import { findingOf, resultOf, SEARCH, verdictOf, type Ills } from '../support/signals.ts'

const MB = 1e6

/** So many workers on two cores, of so many MB each, in a target of so many MB. */
const pool = (workers: number, each: number, rss = 1000): Ills => ({
  workers: { livePeak: workers, heapBytesEach: each * MB },
  memory: { rssPeakBytes: rss * MB },
})

describe('limits', () => {
  it.each([
    ['surplus just under 400 MB', pool(12, 39.9), 'clean'],
    ['surplus of 400 MB', pool(12, 40), 'warning'],
    ['share just under a quarter', pool(12, 40, 1601), 'clean'],
    ['share of a quarter', pool(12, 40, 1600), 'warning'],
    ['share just under half', pool(12, 40, 801), 'warning'],
    ['share of half', pool(12, 40, 800), 'critical'],
    ['just under 1 MB each', pool(602, 0.99, 700), 'clean'],
    ['1 MB each', pool(602, 1, 700), 'critical'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(memoryPerThread, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['a pool as large as the cores, however heavy', pool(2, 900, 2000)],
    ['a live heap that grows anyway', pool(2, 18, 3000)],
    ['sixteen workers that keep nothing of their own', pool(16, 18, 380)],
    ['no worker', { workers: { livePeak: 0, heapBytesEach: null } }],
    ['a large pool on a large machine', { ...pool(32, 60, 2500), cpu: { available: 32 } }],
  ])('%s', (_, ills) => {
    expect(verdictOf(memoryPerThread, ills)).toBe('clean')
  })

  it('gives no verdict on workers whose heap was not seen', () => {
    expect(resultOf(memoryPerThread, { workers: { livePeak: 40, heapBytesEach: null } }).missing).toEqual([
      'heap size of the workers',
    ])
  })
})

describe('finding', () => {
  it('says what each holds and what those beyond the cores make', () => {
    const creators = [{ stack: [SEARCH], count: 12 }]
    const finding = findingOf(memoryPerThread, {
      ...pool(16, 40, 800),
      workers: { livePeak: 16, heapBytesEach: 40 * MB, creators },
    })
    expect(finding.summary).toBe(
      '16 workers hold 40 MB each; those beyond the 2 cores make 560 MB, 70 % of the peak memory (limit 25 %), and cannot run at the same time.',
    )
    expect(finding.where).toEqual([{ role: 'created at', stack: [SEARCH] }])
  })
})
