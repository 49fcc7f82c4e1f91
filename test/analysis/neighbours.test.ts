import { describe, expect, it } from 'vitest'
import { readNeighbours } from '../../src/analysis/neighbours.ts'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const machine = (t: number, values: object = {}): AnyRecord => ({
  k: 'machine',
  t,
  cores: 2,
  ms: 1000,
  busyMs: 1700,
  idleMs: 200,
  stealMs: 100,
  ownMs: 300,
  targetMs: 400,
  ...values,
})
/** Thread 10 runs 0.3 s of each second and waits for 0.5 s. */
const threads = (queued = 500): AnyRecord[] =>
  Array.from({ length: 11 }, (_, s) => ({
    k: 'threads',
    t: s * 1000,
    pid: 10,
    of: 1,
    ...columnsOf([[10, s * 300, queued < 0 ? -1 : s * queued, 'R', -1]]),
  }))
const read = (records: AnyRecord[]) => {
  const source = sourceOf(records)
  return readNeighbours(source, threadSamples(source))
}

describe('readNeighbours', () => {
  it('is what is neither the target nor holdup', () => {
    const { cores, spans } = read([...threads(), machine(5000), machine(6000, { busyMs: 600 })]) ?? {}
    expect(cores).toBe(2)
    expect(spans).toHaveLength(2)
    const [first, second] = spans ?? []
    expect(first).toMatchObject({ seconds: 1, own: 0.3, others: 1, stolen: 0.1, idle: 0.2, queued: 0.5 })
    expect(first?.wanted).toBeCloseTo(0.8)
    expect(second?.others).toBe(0)
  })

  it('takes a long recording in parts', () => {
    const records = Array.from({ length: 900 }, (_, i) => machine((i + 1) * 10, { ms: 10 }))
    const { spans } = read([...threads(), ...records]) ?? {}
    expect(spans).toHaveLength(300)
    expect(spans?.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(9)
  })

  it('names who uses most', () => {
    const named = (t: number, name: string, cpuMs: number): AnyRecord => ({ k: 'neighbour', t, name, cpuMs })
    const { programs } =
      read([
        ...threads(),
        machine(5000),
        machine(6000),
        named(5000, 'rustc', 200),
        named(5000, 'ld', 90),
        named(6000, 'ld', 900),
      ]) ?? {}
    expect(programs).toEqual([
      { name: 'ld', cores: 0.495 },
      { name: 'rustc', cores: 0.1 },
    ])
  })

  it.each([
    ['of a machine that was not looked at', threads()],
    ['of threads whose waits the kernel does not count', [...threads(-1), machine(5000)]],
    ['without threads', [machine(5000)]],
  ])('is not known %s', (_, records) => {
    expect(read(records)).toBeNull()
  })
})
