import { describe, expect, it } from 'vitest'
import { lockWaitTree, offCpuTree } from '../../src/analysis/blocked-trees.ts'
import type { LockWait } from '../../src/analysis/signals.ts'
import type { AnyRecord } from '../../src/recording/schema.ts'
import { heaviestStacks } from '../../src/stacks/call-tree.ts'
import { sourceOf } from '../support/recorded.ts'
import { lock, signals } from '../support/signals.ts'

const STRINGS = [
  'read 0x5',
  'futex 0x80 2',
  'clock_nanosleep 0x1',
  'epoll_wait 0x4',
  'fetch (store.cpp:3)',
  'work (main.cpp:9)',
]
const sampled: AnyRecord = {
  k: 'sampled',
  t: 1000,
  pid: 30,
  ms: 1000,
  sweeps: 50,
  threads: 1,
  looked: 1,
  runningMs: 0,
  unknownMs: 0,
}
const blocked = (wait: number, ms: number): AnyRecord => {
  return { k: 'blocked', t: 1000, pid: 30, wait, stack: 0, n: 1, ms, queuedMs: 0, tids: [] }
}

describe('off CPU', () => {
  it('is I/O and sleep by where they were called, neither waits for locks nor for work', () => {
    const records = [sampled, blocked(0, 400), blocked(1, 300), blocked(2, 200), blocked(3, 100)]
    const tree = offCpuTree(sourceOf(records, { strings: STRINGS, stacks: [[4, 5]] }))
    expect(tree && heaviestStacks(tree, 9)).toEqual([
      { stack: ['read', 'fetch (store.cpp:3)', 'work (main.cpp:9)'], weight: 400 },
      { stack: ['clock_nanosleep', 'fetch (store.cpp:3)', 'work (main.cpp:9)'], weight: 200 },
    ])
  })

  it('is not known where nobody looked', () => {
    expect(offCpuTree(sourceOf([]))).toBeNull()
  })
})

it('waits for locks add up to what was waited, idle waits and promises left out', () => {
  const waiters = [{ stack: ['lock', 'work'], seconds: 3 }]
  const locks = [
    lock({ waitSeconds: 4, waiters }),
    lock({ role: 'idle', waitSeconds: 9, waiters }),
    lock({ kind: 'promise-lock', waitSeconds: 9, waiters }),
  ]
  const tree = lockWaitTree({ ...(signals().lockWait as LockWait), locks })
  expect(heaviestStacks(tree, 9)).toEqual([
    { stack: ['lock', 'work'], weight: 3000 },
    { stack: ['(elsewhere)'], weight: 1000 },
  ])
})
