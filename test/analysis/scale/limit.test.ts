import { describe, expect, it } from 'vitest'
import { fitUsl } from '../../../src/analysis/scale/fit-usl.ts'
import { judgeLimit } from '../../../src/analysis/scale/limit.ts'
import type { ScalePoint } from '../../../src/analysis/signals.ts'
import { scalePoint } from '../../support/signals.ts'

const IDLE = { cores: 0.7, idleCores: 1.1, mainThread: 0.05, runQueue: 0.2 }
const FLAT = [165, 170, 171, 170, 169, 171, 170]
const GROWS = [33, 66, 130, 260, 510, 1000, 1900]
const FALLS = [100, 170, 250, 260, 210, 150, 100]
const MUTEX = {
  pid: 10,
  slot: '4:0',
  kind: 'mutex' as const,
  name: 'mutex waited for in lock (mutex.mjs:20)',
  heldUp: 14.6,
  waiterThreads: 16,
  holdPerSecond: 0.98,
}

/** Of a ramp with these throughputs; `values` at each of its steps. */
function limitOf(
  perSecond: readonly number[],
  values: Partial<ScalePoint> = {},
  last: Partial<ScalePoint> = {},
  rounds = 1,
) {
  const points = perSecond.flatMap((value, step) =>
    Array.from({ length: rounds }, (_, round) =>
      scalePoint({ n: 2 ** step, perSecond: value - round, ...values, ...(step === perSecond.length - 1 && last) }),
    ),
  )
  return judgeLimit(points, fitUsl(points))
}

describe('a lock', () => {
  it.each([
    ['held all the time', MUTEX, 'lock'],
    ['held just often enough', { ...MUTEX, holdPerSecond: 0.8 }, 'lock'],
    ['held less', { ...MUTEX, holdPerSecond: 0.79 }, 'elsewhere'],
    ['held often, but hardly waited for', { ...MUTEX, heldUp: 0.4 }, 'elsewhere'],
    ['whose hold is unknown, with half of its threads at it', { ...MUTEX, holdPerSecond: null, heldUp: 8 }, 'lock'],
    ['the same with fewer', { ...MUTEX, holdPerSecond: null, heldUp: 7.9 }, 'elsewhere'],
    [
      'of promises, with half of the requests at it',
      { ...MUTEX, kind: 'promise-lock' as const, holdPerSecond: null, waiterThreads: 1, heldUp: 32 },
      'lock',
    ],
    [
      'of promises, with fewer',
      { ...MUTEX, kind: 'promise-lock' as const, holdPerSecond: null, waiterThreads: 1, heldUp: 31 },
      'elsewhere',
    ],
    ['that nobody waits for', null, 'elsewhere'],
  ])('%s: %s', (_, lock, kind) => {
    expect(limitOf(FLAT, { ...IDLE, lock }).kind).toBe(kind)
  })

  it('is named, with the throughput that it lets through', () => {
    const { summary, lock, n } = limitOf(FLAT, { ...IDLE, lock: MUTEX })
    expect(n).toBe(64)
    expect(summary).toContain('mutex waited for in lock (mutex.mjs:20)')
    expect(summary).toContain('0.7 of 2 cores')
    expect(lock?.bound).toBeCloseTo(170 / 0.98, 1)
  })

  it('is no limit where all cores are in use: its removal would buy nothing', () => {
    expect(limitOf(FLAT, { ...IDLE, cores: 1.8, lock: MUTEX }).kind).toBe('cores')
  })
})

describe('the cores', () => {
  it.each([
    ['the target uses them', { cores: 1.7 }, 'cores'],
    ['it uses just fewer, and the machine has some left', { cores: 1.69, idleCores: 0.21 }, 'elsewhere'],
    ['it and its load use most of a full machine', { cores: 1.3, clientCores: 0.2, idleCores: 0.1 }, 'cores'],
    ['neighbours use most of a full machine', { cores: 0.7, clientCores: 0.1, idleCores: 0 }, 'elsewhere'],
    ['its CPU is unknown', { cores: null }, 'elsewhere'],
  ])('%s: %s', (_, values, kind) => {
    expect(limitOf(FLAT, { ...IDLE, ...values }).kind).toBe(kind)
  })

  it('of a main thread alone', () => {
    expect(limitOf(FLAT, { ...IDLE, cores: 1.02, mainThread: 0.97 }).kind).toBe('one-thread')
  })
})

describe('crosstalk', () => {
  it('where throughput falls, with what grew', () => {
    const { kind, summary } = limitOf(
      FALLS,
      { switchesPerRequest: 10 },
      { switchesPerRequest: 60, cpuMsPerRequest: 19 },
    )
    expect(kind).toBe('crosstalk')
    expect(summary).toContain('context switches per request 6 ×')
    expect(summary).toContain('CPU per request 2.71 ×')
    expect(summary).toContain('61.5 % under its best, that of 8')
  })

  it('a lock that all stand at explains a fall better', () => {
    expect(limitOf(FALLS, { ...IDLE, lock: MUTEX }).kind).toBe('lock')
  })
})

describe('no limit of the service', () => {
  it.each([
    ['throughput still grows', limitOf(GROWS, IDLE), 'nothing'],
    ['measured twice at each step', limitOf(GROWS, IDLE, {}, 2), 'nothing'],
    ['a last step of a quarter more brings a quarter', limitOf([...GROWS, 2375], IDLE, { n: 80 }), 'nothing'],
    ['a last step of a quarter more brings hardly any', limitOf([...GROWS, 2000], IDLE, { n: 80 }), 'elsewhere'],
    ['and so does that of a full machine, for all that is known', limitOf(GROWS), 'nothing'],
    ['the client gave up', limitOf(FLAT, IDLE, { clientBusy: true }), 'client'],
    ['one step', limitOf([100]), 'unknown'],
    ['none', judgeLimit([], null), 'unknown'],
  ])('%s: %s', (_, { kind }, expected) => {
    expect(kind).toBe(expected)
  })
})
