import { describe, expect, it } from 'vitest'
import type { Scale, ScalePoint } from '../../src/analysis/signals.ts'
import { asyncMutexSerialisation } from '../../src/detectors/async-mutex-serialisation.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import { alone, crowd, findingOf, type Ills, lock, scale, scalePoint, signals, verdictOf } from '../support/signals.ts'

const IDLE = { cores: 0.16, mainThread: 0.15, idleCores: 1.6 }
const ELSEWHERE = { kind: 'elsewhere', summary: '', n: 16, lock: null } as const

/** A ramp of 1 and 16 connections, in which the throughput of the second is `growth` times that of the first. */
function serial(growth = 1.01, values: Partial<ScalePoint> = {}, more: Partial<Scale> = {}): Scale {
  const points = [1, 16].map((n) => scalePoint({ n, ...IDLE, perSecond: n === 1 ? 33 : 33 * growth, ...values }))
  return scale({ points, limit: ELSEWHERE, ...more })
}

describe('limits', () => {
  it.each([
    ['just under two at a time', serial(1.74), 'warning'],
    ['two at a time, nearly', serial(1.75), 'clean'],
    ['CPU just under the limit', serial(1, { cores: 0.99, idleCores: 0.4 }), 'warning'],
    ['CPU at the limit', serial(1, { cores: 1, idleCores: 0.4 }), 'clean'],
    ['CPU at the limit, while a quarter of the cores has no work', serial(1, { cores: 1, idleCores: 0.5 }), 'warning'],
    ['just under that limit', serial(1, { cores: 1.19, idleCores: 0.5 }), 'warning'],
    ['at that limit', serial(1, { cores: 1.2, idleCores: 0.5 }), 'clean'],
    ['busiest thread just under it', serial(1, { busiestThread: 0.59, idleCores: 0.5 }), 'warning'],
    ['busiest thread at it', serial(1, { busiestThread: 0.6, idleCores: 0.5 }), 'clean'],
    ['main thread just under the limit', serial(1, { mainThread: 0.49, idleCores: 0.4 }), 'warning'],
    ['main thread at the limit', serial(1, { mainThread: 0.5, idleCores: 0.4 }), 'clean'],
    [
      'busiest thread just under the limit',
      serial(1, { mainThread: null, busiestThread: 0.49, idleCores: 0.4 }),
      'warning',
    ],
    ['busiest thread at the limit', serial(1, { mainThread: null, busiestThread: 0.5, idleCores: 0.4 }), 'clean'],
    ['as many wait for a core as leave half of them', serial(1, { runQueue: 7 }), 'warning'],
    ['one more waits for a core', serial(1, { runQueue: 7.1 }), 'clean'],
    ['fewer connections than that', scale({ points: [1, 8].map((n) => scalePoint({ n, ...IDLE })) }), 'not-applicable'],
  ])('%s', (_, scaled, expected) => {
    expect(verdictOf(asyncMutexSerialisation, { scale: scaled })).toBe(expected)
  })

  it('is critical, and names it, where a promise lock is seen that half of the requests stand at', () => {
    const seen = lock({ kind: 'promise-lock', name: 'async-mutex waited for in search (search.mjs:9)', heldUp: 8 })
    const finding = findingOf(asyncMutexSerialisation, { scale: serial(), lockWait: { locks: [seen] } })
    expect(finding).toMatchObject({ severity: 'critical', locks: ['L1'] })
    expect(finding.summary).toContain('async-mutex waited for in search')
    const few = lock({ kind: 'promise-lock', heldUp: 7.9 })
    expect(verdictOf(asyncMutexSerialisation, { scale: serial(), lockWait: { locks: [few] } })).toBe('warning')
  })
})

it('foretells no gain: requests wait for a promise lock, and the threads that do are one', () => {
  const seen = lock({ kind: 'promise-lock', heldUp: 31, waiterThreads: 1 })
  const ills: Ills = { scale: null, alone: alone(1.1, IDLE), lockWait: { locks: [seen] }, client: { idleCores: 0.1 } }
  const [result] = runDetectors(signals(ills), {}, [asyncMutexSerialisation])
  expect(result?.findings[0]).toMatchObject({ severity: 'critical', cost: { gain: null } })
})

it('is not what an idle Atomics.waitAsync is', () => {
  const idle = lock({ kind: 'promise-lock', role: 'idle', heldUp: 15 })
  const finding = findingOf(asyncMutexSerialisation, { scale: serial(), lockWait: { locks: [idle] } })
  expect(finding).toMatchObject({ severity: 'warning' })
  expect(finding.locks).toBeUndefined()
})

describe('look-alikes', () => {
  const queue = {
    pid: 1,
    slot: '4:0',
    kind: 'mutex' as const,
    name: 'm',
    heldUp: 15,
    waiterThreads: 16,
    holdPerSecond: 1,
  }
  it.each([
    ['a healthy service', scale()],
    ['a slow upstream: throughput grows with the connections', serial(15.8)],
    ['threads at a lock', serial(1, { lock: queue })],
    ['a client that could not keep up', serial(1, {}, { limit: { ...ELSEWHERE, kind: 'client' } })],
    ['nothing answered', serial(1, { perSecond: 0 })],
  ])('%s', (_, scaled) => {
    expect(verdictOf(asyncMutexSerialisation, { scale: scaled })).toBe('clean')
  })

  it('a thread that would fill its core, did a hypervisor not take a third of it', () => {
    const scaled = serial(1, { busiestThread: 0.55, idleCores: 0.5 })
    const neighbours = { cores: 2, spans: crowd(10, { idle: 0.5, stolen: 0.5 }) }
    expect(verdictOf(asyncMutexSerialisation, { scale: scaled, neighbours })).toBe('clean')
    expect(verdictOf(asyncMutexSerialisation, { scale: scaled, neighbours: null })).toBe('warning')
  })

  it('without a scale, nor one connection alone after a load, it gives no verdict', () => {
    expect(verdictOf(asyncMutexSerialisation, { scale: null, alone: null })).toBe('not-applicable')
  })
})

describe('of a load that one connection came after', () => {
  it.each([
    ['just under two at a time', alone(1.74, IDLE), 'warning'],
    ['two at a time, nearly', alone(1.75, IDLE), 'clean'],
    ['sixteen connections', alone(1.1, { ...IDLE, n: 16 }), 'warning'],
    ['fewer', alone(1.1, { ...IDLE, n: 15 }), 'not-applicable'],
    ['cores in use', alone(1.1), 'clean'],
    ['a client that could not keep up', alone(1.1, { ...IDLE, clientBusy: true }), 'clean'],
  ])('%s', (_, after, expected) => {
    expect(verdictOf(asyncMutexSerialisation, { scale: null, alone: after })).toBe(expected)
  })
})
