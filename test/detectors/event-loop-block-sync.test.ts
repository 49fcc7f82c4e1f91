import { describe, expect, it } from 'vitest'
import type { SyncCall } from '../../src/analysis/signals.ts'
import { asyncMutexSerialisation } from '../../src/detectors/async-mutex-serialisation.ts'
import { eventLoopBlockSync } from '../../src/detectors/event-loop-block-sync.ts'
import { runDetectors } from '../../src/detectors/run.ts'
import {
  alone,
  findingOf,
  profiles,
  SEARCH,
  signals,
  stallsAt,
  syncCall,
  verdictOf,
  type Ills,
} from '../support/signals.ts'

const calls = (...values: Partial<SyncCall>[]): Ills => ({ profiles: profiles(values.map(syncCall)) })
const blocked = (times: readonly number[], ms: number, values: Parameters<typeof stallsAt>[2] = {}): Ills => ({
  eventLoop: { stalls: stallsAt(times, ms, { cause: 'blocked', cpuMs: 1, ...values }) },
})

describe('limits', () => {
  it.each([
    ['time just under the limit, in quick calls', calls({ seconds: 0.49, calls: 90 }), 'clean'],
    ['time at the limit, in quick calls', calls({ seconds: 0.5, calls: 90 }), 'warning'],
    ['time just under critical', calls({ seconds: 1.99, calls: 300 }), 'warning'],
    ['time at critical', calls({ seconds: 2, calls: 300 }), 'critical'],
    ['calls just under 10 ms', calls({ seconds: 0.198, calls: 20 }), 'clean'],
    ['calls of 10 ms', calls({ seconds: 0.2, calls: 20 }), 'warning'],
    ['calls of 10 ms, too few', calls({ seconds: 0.09, calls: 9 }), 'clean'],
    ['calls just under 500 ms', calls({ seconds: 0.45, calls: 1, longestMs: 450 }), 'warning'],
    ['calls of 500 ms', calls({ seconds: 0.499, calls: 1, longestMs: 500 }), 'critical'],
    ['two stalls in a blocking call', blocked([2000, 7000], 60), 'warning'],
    [
      'two in 21 s, just under a hundredth of it',
      { ...blocked([2000, 17_000], 104), quality: { windowSeconds: 21 } },
      'clean',
    ],
    ['two in 21 s, a hundredth of it', { ...blocked([2000, 17_000], 106), quality: { windowSeconds: 21 } }, 'warning'],
    ['two in an hour, however long', { ...blocked([2000, 17_000], 900), quality: { windowSeconds: 3600 } }, 'clean'],
  ] as const)('%s', (_, ills, expected) => {
    expect(verdictOf(eventLoopBlockSync, ills)).toBe(expected)
  })
})

it.each([
  ['just under the limit of process-per-request', 0.099, 'warning'],
  ['at it', 0.1, 'clean'],
])('leaves stalls in starting processes, %s, to that', (_, createdPerRequest, expected) => {
  const spawning = [
    'ChildProcess.spawn (node:internal/child_process:354:40)',
    'spawn (node:child_process:754:15)',
    SEARCH,
  ]
  const ills = blocked([2000, 7000], 60, { stacks: [{ stack: spawning, share: 1 }] })
  expect(verdictOf(eventLoopBlockSync, { ...ills, processes: { createdPerRequest } })).toBe(expected)
})

it.each([
  ['just under the limit of worker-per-request', 0.049, 'warning', SEARCH],
  ['at it', 0.05, 'clean', SEARCH],
  ['at it, in a synchronous call', 0.05, 'warning', 'readFileSync (node:fs:448:20)'],
])('leaves stalls of a thread that makes workers, %s, to that', (_, createdPerRequest, expected, frame) => {
  const ills = blocked([2000, 7000], 60, { stacks: [{ stack: [frame, SEARCH], share: 1 }] })
  expect(verdictOf(eventLoopBlockSync, { ...ills, workers: { createdPerRequest } })).toBe(expected)
})

describe('look-alikes', () => {
  const loading = ['readFileSync (node:fs:448:20)', 'load (node:internal/modules/cjs/loader:1023:27)', SEARCH]
  it.each([
    ['a module that the first request loads', calls({ seconds: 0.4, calls: 4, stack: loading })],
    [
      'hashing: that is CPU',
      calls({ seconds: 3, calls: 30, stack: ['pbkdf2Sync (node:internal/crypto/pbkdf2:61:20)', SEARCH] }),
    ],
    ['one stall', blocked([3000], 300)],
    [
      'stalls in no function: the kernel, or a stopped machine',
      blocked([2000, 7000], 300, { stacks: [{ stack: ['(program)'], share: 1 }] }),
    ],
    ['stolen CPU', blocked([2000, 7000], 300, { cause: 'stolen' })],
    ['computing', blocked([2000, 7000], 300, { cause: 'cpu' })],
    ['garbage collection', blocked([2000, 7000], 300, { cause: 'gc' })],
  ])('%s', (_, ills) => {
    expect(verdictOf(eventLoopBlockSync, ills)).toBe('clean')
  })

  it('several processes that each block a little; another beside them takes nothing off that', () => {
    const of = (...pids: number[]) => {
      const [main] = profiles().threads
      const syncCalls = pids.map((pid) => syncCall({ pid, seconds: 0.4, calls: 90 }))
      return { ...profiles(syncCalls), threads: main ? [10, 11].map((pid) => ({ ...main, pid })) : [] }
    }
    expect(verdictOf(eventLoopBlockSync, { profiles: of(10, 11) })).toBe('clean')
    expect(verdictOf(eventLoopBlockSync, { profiles: of(10, 10) })).toBe('warning')
  })
})

it.each([
  ['for less than half of the time: it is not why requests pass one at a time', 4.9, 'found'],
  ['for half of it: it may be', 5, 'not-applicable'],
])('blocks %s', (_, seconds, expected) => {
  const serial = alone(1.1, { cores: 0.16, mainThread: 0.15, idleCores: 1.6 })
  const ills: Ills = { ...calls({ seconds, calls: 300 }), scale: null, alone: serial, lockWait: { locks: [] } }
  const results = runDetectors(signals(ills), {}, [eventLoopBlockSync, asyncMutexSerialisation])
  expect(results.map(({ status }) => status)).toEqual(['found', expected])
})

describe('without a CPU profile', () => {
  it('finds what stalls the loop, and gives no verdict on the rest', () => {
    expect(verdictOf(eventLoopBlockSync, { ...blocked([2000, 7000], 60, { stacks: [] }), profiles: null })).toBe(
      'warning',
    )
    expect(verdictOf(eventLoopBlockSync, { profiles: null })).toBe('not-applicable')
  })
})

describe('finding', () => {
  it('names the call, its caller, its share and the longest', () => {
    const finding = findingOf(
      eventLoopBlockSync,
      calls({ seconds: 1.2, calls: 40, longestMs: 35 }, { seconds: 0.1, calls: 20 }),
    )
    expect(finding.summary).toBe(
      'readFileSync (node:fs:448), called by search (search.mjs:40), blocks the event loop 13 % of the time (limit 5 %) and for up to 35 ms at once (limit 10 ms); the main thread waits meanwhile and serves nobody.',
    )
    expect(finding.cost.threadsHeldUp).toBeCloseTo(0.13 * 32)
    expect(finding.where).toHaveLength(2)
  })

  it('counts Atomics.wait on the main thread', () => {
    const wait = { call: 'Atomics.wait', stack: ['Atomics.wait', SEARCH], seconds: 2, calls: 20, longestMs: 150 }
    expect(findingOf(eventLoopBlockSync, calls(wait)).summary).toMatch(/^Atomics\.wait, called by search/)
  })

  it('names the function of the stalls where no call was seen', () => {
    expect(findingOf(eventLoopBlockSync, blocked([2000, 7000], 60)).summary).toMatch(
      /^search \(search\.mjs:40\) blocks/,
    )
  })
})
