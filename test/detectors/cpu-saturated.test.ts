import { describe, expect, it } from 'vitest'
import { cpuSaturated } from '../../src/detectors/cpu-saturated.ts'
import { findingOf, HANDLER, SEARCH, verdictOf } from '../support/signals.ts'

const oneThread = (cores: number) => ({
  cpu: { cores, busiestThread: { group: 'python3', cores, wanted: cores } },
  eventLoop: null,
})

describe('limits', () => {
  it.each([
    ['cores just under the limit', { cpu: { cores: 1.79 } }, 'clean'],
    ['cores at the limit', { cpu: { cores: 1.8 } }, 'info'],
    ['main thread just under the limit', { eventLoop: { mainThreadCpu: 0.89 } }, 'clean'],
    ['main thread at the limit', { eventLoop: { mainThreadCpu: 0.9 } }, 'info'],
    ['main thread unknown', { eventLoop: { mainThreadCpu: null } }, 'clean'],
    ['one thread just under the limit', oneThread(0.89), 'clean'],
    ['one thread at the limit', oneThread(0.9), 'info'],
    ['another thread than the main one of Node', { ...oneThread(0.95), eventLoop: { mainThreadCpu: 0.2 } }, 'clean'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(cpuSaturated, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it('holdup itself does not count', () => {
    expect(verdictOf(cpuSaturated, { cpu: { cores: 1.7, probeCores: 0.3 } })).toBe('clean')
  })
})

describe('finding', () => {
  it('of all cores', () => {
    const finding = findingOf(cpuSaturated, { cpu: { cores: 1.96 } })
    expect(finding.summary).toBe(
      'The target uses 1.96 of 2 cores (98 %, limit 90 %): more requests need more cores, or less work for each.',
    )
    expect(finding.where).toEqual([{ role: 'on CPU', stack: [SEARCH, HANDLER], share: 1 }])
  })

  it('of the main thread alone', () => {
    expect(findingOf(cpuSaturated, { cpu: { cores: 1 }, eventLoop: { mainThreadCpu: 0.97 } }).summary).toMatch(
      /^The main thread is on CPU 97 % of the time \(limit 90 %\)/,
    )
  })

  it('of one thread', () => {
    expect(findingOf(cpuSaturated, oneThread(0.97)).summary).toBe(
      'One thread (python3) is on CPU 97 % of the time (limit 90 %): what it does gets no faster however many cores are free; the target uses 0.97 of 2.',
    )
  })
})
