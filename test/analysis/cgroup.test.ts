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
const usage: RecordOf<'usage'> = { k: 'usage', t: 5000, pid: 10, cpu: 0.4, rss: 1 }

describe('readCgroup', () => {
  it('counts what lies in the window, of records at its ends a part', () => {
    expect(readCgroup(sourceOf(seconds()))).toEqual({
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

  it('takes the group that stops it most, and the narrowest limit', () => {
    const own = seconds({ name: '/pod/own', cores: 1, throttled: 1 })
    const pod = seconds({ name: '/pod', cores: 2, throttled: 7 })
    expect(readCgroup(sourceOf([...own, ...pod]))).toMatchObject({ name: '/pod', cores: 1, throttled: 70 })
  })

  it('tells whether holdup runs in it too', () => {
    expect(readCgroup(sourceOf(seconds({ shared: true })))?.shared).toBe(true)
  })

  it('knows no limit from not seen', () => {
    expect(readCgroup(sourceOf([]))).toBeNull()
    expect(readCgroup(sourceOf([second(0, { cores: null, ms: 0, periods: 0 })]))).toMatchObject({
      cores: null,
      name: '',
    })
  })
})

describe('cores that the target may use', () => {
  const available = (records: RecordOf<'cgroup'>[], cgroupCpuLimit: number | null = null) => {
    const source = sourceOf([usage, ...records])
    source.header = { ...source.header, host: { ...source.header.host, cgroupCpuLimit } }
    return readCpu(source, new Map(), readCgroup(source))?.available
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
