import { describe, expect, it } from 'vitest'
import { readCgroup } from '../../src/analysis/cgroup.ts'
import { readCpu } from '../../src/analysis/processes.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const second = (t: number, values: Partial<RecordOf<'cgroup'>> = {}): RecordOf<'cgroup'> => ({
  k: 'cgroup',
  t,
  name: '/g',
  cores: 0.5,
  ms: 1000,
  periods: 10,
  throttled: 4,
  throttledMs: 200,
  ...values,
})
const seconds = (values: Partial<RecordOf<'cgroup'>> = {}) =>
  Array.from({ length: 11 }, (_, i) => second(i * 1000 + 500, values))
const CORES = sourceOf([]).header.host.cores
const usage: RecordOf<'usage'> = { k: 'usage', t: 5000, pid: 10, cpu: 0.4, rss: 1 }

describe('readCgroup', () => {
  it('counts what lies in the window, of records at its ends a part', () => {
    expect(readCgroup(sourceOf(seconds()), null)).toEqual({
      cores: 0.5,
      name: '/g',
      periods: 100,
      throttled: 40,
      share: 0.4,
      stopped: 0.2,
      shared: false,
      fidelity: 'exact',
    })
  })

  it('takes the time of a run queue, of those in use', () => {
    const wants = (runnableThreads: number) =>
      readCgroup(sourceOf(seconds()), { threadSecondsPerSecond: 0, runnableThreads, fidelity: 'sampled' })?.stopped
    expect([wants(0.5), wants(1.6), wants(40)].map((each) => each?.toFixed(3))).toEqual([
      '0.200',
      (0.2 / 1.6).toFixed(3),
      (0.2 / Math.min(40, CORES)).toFixed(3),
    ])
  })

  it('takes the group that stops it most, and the narrowest limit', () => {
    const own = seconds({ name: '/pod/own', cores: 1, throttled: 1 })
    const pod = seconds({ name: '/pod', cores: 2, throttled: 7 })
    expect(readCgroup(sourceOf([...own, ...pod]), null)).toMatchObject({ name: '/pod', cores: 1, throttled: 70 })
  })

  it('tells whether holdup runs in it too', () => {
    expect(readCgroup(sourceOf(seconds({ shared: true })), null)?.shared).toBe(true)
  })

  it('knows no limit from not seen', () => {
    expect(readCgroup(sourceOf([]), null)).toBeNull()
    expect(readCgroup(sourceOf([second(0, { cores: null, ms: 0, periods: 0 })]), null)).toMatchObject({
      cores: null,
      name: '',
    })
  })
})

describe('cores that the target may use', () => {
  const available = (records: RecordOf<'cgroup'>[], cgroupCpuLimit: number | null = null) => {
    const source = sourceOf([usage, ...records])
    source.header = { ...source.header, host: { ...source.header.host, cgroupCpuLimit } }
    return readCpu(source, new Map(), readCgroup(source, null))?.available
  }

  it.each([
    ["its group's limit", seconds(), null, 0.5],
    ["the machine's where the limit is wider", seconds({ cores: 8 }), null, 2],
    ["not holdup's own limit, where its group has none", [second(0, { cores: null, ms: 0 })], 0.5, 2],
    ["holdup's own limit, where its group was not seen", [], 0.5, 0.5],
  ])('%s', (_, records, own, expected) => {
    expect(available(records, own)).toBe(expected)
  })
})

it('cores are those that the target may run on, whatever holdup may', () => {
  const machine: RecordOf<'machine'> = {
    k: 'machine',
    t: 6000,
    cores: 16,
    ms: 1000,
    busyMs: 1,
    idleMs: 1,
    stealMs: 0,
    ownMs: 0,
    targetMs: 1,
  }
  expect(readCpu(sourceOf([usage, machine]), new Map())?.available).toBe(16)
  expect(
    readCpu(sourceOf([usage, machine, second(6000)]), new Map(), readCgroup(sourceOf([second(6000)]), null))?.available,
  ).toBe(0.5)
})
