import { describe, expect, it } from 'vitest'
import { readProcesses } from '../../src/analysis/process-births.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

const target: AnyRecord = { k: 'process', t: 0, pid: 10, ppid: 1, command: 'server' }
const native = (t: number, pid: number): AnyRecord => ({ k: 'native', t, pid, libc: 'glibc' })
const churn = (children: number, others: number, probes = 100): AnyRecord => ({
  k: 'churn',
  t: 5000,
  pid: 10,
  cpuMs: 100,
  deadCpuMs: 0,
  begun: 1000,
  probes,
  ours: 0,
  others,
  children,
})

describe('processes that begin in the window', () => {
  it.each([
    ['none', [target], 0],
    ['counted by the agent', [target, native(1000, 20), native(1010, 21), native(1020, 22)], 3],
    ['one that execs is one', [target, native(1000, 20), native(1004, 20)], 1],
    ['an id that comes back is another', [target, native(1000, 20), native(9000, 20)], 2],
    ['seen in the list too', [target, native(1000, 20), { ...target, t: 1100, pid: 20, command: 'cat' }], 1],
    ['only in the list', [target, { ...target, t: 1100, pid: 20, command: 'cat' }], 1],
  ] as [string, AnyRecord[], number][])('%s', (_, records, created) => {
    expect(readProcesses(sourceOf(records), 100)).toMatchObject({ created, createdPerRequest: created / 100 })
  })

  it('between what was seen of the newest ids to be children, and all that were not seen to be others', () => {
    const found = readProcesses(sourceOf([target, churn(50, 60)]), null)
    expect(found?.createdLow).toBeGreaterThan(350)
    expect(found?.createdLow).toBeLessThan(500)
    expect(found?.createdHigh).toBeGreaterThan(900)
    expect(found?.fidelity).toBe('sampled')
  })

  it('none where no child was seen among the newest', () => {
    expect(readProcesses(sourceOf([target, churn(0, 60)]), null)).toMatchObject({ createdLow: 0, createdHigh: 0 })
  })
})
