import { describe, expect, it } from 'vitest'
import type { LockWait } from '../../src/analysis/signals.ts'
import { globalMutex } from '../../src/detectors/global-mutex.ts'
import { spinlockBurn } from '../../src/detectors/spinlock-burn.ts'
import { crowd, evidenceOf, findingOf, type Ills, lock, verdictOf } from '../support/signals.ts'

/** Sixteen threads, 15 of them at a lock, under a load of 32 requests at a time; so many cores are without work, of two. */
const queue = (idleCores: number, values: Ills = {}, waits = 5000): Ills => ({
  lockWait: {
    ratio: 0.9,
    seconds: 150,
    locks: [lock({ waits, heldUp: 15, waiterThreads: 16, waitMs: { p50: 1, p90: 1, p99: 1, max: 1 } })],
  },
  client: { machineCores: 2, idleCores, cores: 0.1 },
  cpu: { cores: 1.9 - idleCores, available: 2 },
  eventLoop: null,
  scale: null,
  neighbours: null,
  ...values,
})

describe('what the removal of a lock would buy', () => {
  it.each([
    ['all cores have work', queue(0), 1, 'info'],
    ['a core is free', queue(1), 2, 'critical'],
    ['a quarter of one is', queue(0.25), 1.14, 'warning'],
    ['few of the threads stand there', queue(1.5, { lockWait: few() }), 1.23, 'warning'],
    ['the waiting itself takes half a core', queue(0, {}, 1_250_000), 1.33, 'warning'],
    ['the main thread has no more to give', queue(1, { eventLoop: { mainThreadCpu: 0.95 } }), 1.05, 'info'],
    [
      'holdup itself takes a fifth of a core',
      queue(1, { neighbours: { spans: crowd(10, { own: 0.3 }) } }),
      2.25,
      'critical',
    ],
    ['a quota is used up', queue(1, { cpu: { cores: 0.9, available: 1 } }), 1.11, 'warning'],
    [
      'a quota is used up together with holdup and its load',
      queue(1, {
        cpu: { cores: 1.2, available: 2 },
        cgroup: { cores: 2, shared: true },
        client: { machineCores: 64, idleCores: 60, cores: 0.6 },
        neighbours: { spans: crowd(10, { own: 0.8 }) },
      }),
      1,
      'info',
    ],
  ])('%s', (_, ills, gain, severity) => {
    const finding = findingOf(globalMutex, ills)
    expect(finding.cost.gain).toBeCloseTo(gain, 1)
    expect(finding.severity).toBe(severity)
    expect(evidenceOf(finding, 'throughput without it')).toBe(finding.cost.gain)
  })

  it('is critical too where the slowest requests are slow for it alone, and cores are free', () => {
    const slow = few({ waitMs: { p50: 1, p90: 10, p99: 200, max: 240 } })
    expect(verdictOf(globalMutex, queue(1.5, { lockWait: slow }))).toBe('critical')
    expect(verdictOf(globalMutex, queue(0.1, { lockWait: slow }))).toBe('info')
  })

  it.each([
    ['others use the cores: for the target, or their own', 0.05, null, 'critical'],
    ['the target uses most of them', 1.5, 1, 'info'],
  ])('all cores have work, and %s', (_, cores, gain, severity) => {
    const finding = findingOf(globalMutex, queue(0, { cpu: { cores, available: 2 } }))
    expect(finding.cost.gain && Math.round(finding.cost.gain)).toBe(gain)
    expect(finding.severity).toBe(severity)
  })

  it('of a spinlock is the CPU that it burns', () => {
    const ills = { ...queue(0), spin: { share: 0.5, cores: 0.95 } }
    expect(findingOf(spinlockBurn, ills).cost.gain).toBeCloseTo(2 / 1.05, 2)
  })
})

describe('somebody else drives the load: whether it could buy anything', () => {
  const attached = (spans: Parameters<typeof crowd>[1], values: Ills = {}, waits = 5000) =>
    queue(0, { client: null, http: { source: 'agent' }, neighbours: { spans: crowd(10, spans) }, ...values }, waits)

  it.each([
    ['the target uses all cores', attached({ others: 0, idle: 0.05 }), 'info'],
    ['a third of one is idle', attached({ others: 0, idle: 0.3 }, { cpu: { cores: 1.6 } }), 'critical'],
    ['others use one, its clients perhaps', attached({ others: 1, idle: 0 }, { cpu: { cores: 0.9 } }), 'critical'],
    ['the waiting itself takes half a core', attached({ others: 0, idle: 0 }, {}, 1_250_000), 'critical'],
    ['its quota is used up', attached({ others: 0, idle: 1 }, { cpu: { cores: 0.99, available: 1 } }), 'info'],
    ['who else uses the machine was not seen', attached({}, { neighbours: null }), 'critical'],
    [
      'waits were sampled, and the target uses all cores',
      attached({ others: 0, idle: 0 }, { lockWait: sampled(), switches: { voluntaryPerSecond: 20_000 } }),
      'info',
    ],
    [
      'waits were sampled, and its switches may be half a core',
      attached({ others: 0, idle: 0 }, { lockWait: sampled(), switches: { voluntaryPerSecond: 125_000 } }),
      'critical',
    ],
  ])('%s', (_, ills, severity) => {
    const finding = findingOf(globalMutex, ills)
    expect(finding.severity).toBe(severity)
    expect(finding.cost.gain).toBeNull()
    expect(finding.evidence.some(({ name }) => name === 'throughput without it')).toBe(severity === 'info')
  })
})

describe('nobody can tell, and the limits decide', () => {
  it.each([
    ['somebody else drives the load, and who uses the cores was not seen', { client: null }],
    ['waits were only sampled', { lockWait: few({ waits: null }) }],
    ['a ramp: the average of all its steps is that of none', { scale: {} }],
  ])('%s', (_, ills) => {
    expect(findingOf(globalMutex, queue(1, ills as Ills)).cost.gain).toBeNull()
  })
})

function sampled(): Partial<LockWait> {
  return { ratio: 0.9, seconds: 150, locks: [lock({ waits: null, heldUp: 15, waiterThreads: 16 })] }
}

/** Three of sixteen threads. */
function few(values = {}): Partial<LockWait> {
  return { ratio: 0.3, seconds: 30, locks: [lock({ waits: 500, heldUp: 3, waiterThreads: 16, ...values })] }
}
