import { describe, expect, it } from 'vitest'
import { readAsyncRuntime } from '../../src/analysis/async-runtime.ts'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'
import { columnsOf } from '../../src/recording/sweep.ts'

const WORKER = 'tokio::runtime::scheduler::multi_thread::worker::Context::run_task'
const IN_TASK = 'tokio::runtime::task::core::Core::poll'
const strings = [
  'futex 0x89 0x0',
  'epoll_wait',
  'recvfrom',
  'poll',
  'app::handler (main.rs:9)',
  IN_TASK,
  WORKER,
  'tokio::runtime::park::Inner::park',
  'tokio::task::block_in_place',
  'tokio::runtime::scheduler::current_thread::Context::park',
  'pthread_create (./nptl/./nptl/pthread_create.c:650)',
  'mmap',
  'runtime.netpoll (/usr/local/go/src/runtime/netpoll_epoll.go:116)',
]
const stacks = [[4, 5, 6], [7, 6], [4, 8, 5, 6], [4, 6], [4], [4, 5, 9], [9], [10, 4, 5, 6], [12]]
const [TASK, PARK, HANDED, SHORT, NAMELESS, LOCAL_TASK, LOCAL_PARK, SPAWN, GO_POLL] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const [FUTEX, EPOLL, RECV, POLL, MMAP] = [0, 1, 2, 3, 11]

/** One worker over 10 s that runs for 2 s, and was seen blocked for 5. */
function worker(values: Partial<RecordOf<'blocked'>>) {
  const rows = [0, 10_000].map((t) => ({
    k: 'threads' as const,
    t,
    pid: 20,
    of: 1,
    ...columnsOf([[21, t / 5, 0, 'S', 2]]),
  }))
  const blocked = { k: 'blocked', t: 5000, pid: 20, wait: RECV, stack: TASK, n: 250, ms: 5000, queuedMs: 0 } as const
  // It is known to be one by what else it is seen in.
  const known = { ...blocked, wait: EPOLL, stack: PARK, ms: 1, tids: [21] }
  const source = sourceOf([...rows, known, { ...blocked, tids: [21], ...values }], { strings, stacks })
  return readAsyncRuntime(source, threadSamples(source))?.workers
}

describe('what a worker is blocked in', () => {
  it.each([
    ['a call', { wait: RECV, stack: TASK }, { inCalls: 0.5, inLocks: 0 }],
    ['a call, of a stack cut short', { wait: RECV, stack: SHORT }, { inCalls: 0.5 }],
    ['a lock', { wait: FUTEX, kind: 'mutex', state: 'contended', stack: TASK }, { inCalls: 0, inLocks: 0.5 }],
    ['nothing: epoll', { wait: EPOLL, stack: PARK }, { inCalls: 0, inLocks: 0 }],
    ['nothing: parked', { wait: FUTEX, kind: 'park', state: 'idle', stack: PARK }, { inCalls: 0, inLocks: 0 }],
    ['a channel, within a task', { wait: FUTEX, kind: 'park', state: 'idle', stack: TASK }, { inCalls: 0.5 }],
    ['poll, within a task', { wait: POLL, stack: TASK }, { inCalls: 0.5 }],
    ['a call that Tokio was told of', { wait: RECV, stack: HANDED }, { inCalls: 0 }],
    ['a call that makes a thread', { wait: MMAP, stack: SPAWN }, { inCalls: 0 }],
    ['a call of others', { wait: RECV, stack: NAMELESS, tids: [21, 99] }, { inCalls: 0.25 }],
  ] as [string, Partial<RecordOf<'blocked'>>, object][])('%s', (_, values, expected) => {
    expect(worker(values)).toMatchObject({ threads: 1, running: 0.2, ...expected })
  })
})

it.each([
  ['of one runtime take the tasks of those that are blocked', TASK, PARK, 20, 1.1],
  ['of a runtime of their own do not', LOCAL_TASK, LOCAL_PARK, 20, 0],
  ['of another process do not', TASK, PARK, 30, 0.1],
])('workers that rest, %s', (_, task, park, otherPid, resting) => {
  const pids = [20, otherPid] as const
  const sweeps = [0, 10_000].flatMap((t) =>
    pids.map((pid, i) => ({ k: 'threads' as const, t, pid, of: 1, ...columnsOf([[21 + i, 0, 0, 'S', 2]]) })),
  )
  const look = { k: 'blocked', t: 5000, n: 250, queuedMs: 0 } as const
  const source = sourceOf(
    [
      ...sweeps,
      { ...look, pid: 20, wait: RECV, stack: task, ms: 9000, tids: [21] },
      { ...look, pid: 20, wait: EPOLL, stack: park, ms: 1000, tids: [21] },
      { ...look, pid: otherPid, wait: EPOLL, stack: park, ms: 10_000, tids: [22] },
    ],
    { strings, stacks },
  )
  const workers = readAsyncRuntime(source, threadSamples(source))?.workers
  expect(workers).toMatchObject({ threads: 2, inCalls: 0.9 })
  expect(workers?.resting).toBeCloseTo(resting)
})

it('without an async runtime there is no signal', () => {
  expect(readAsyncRuntime(sourceOf([]), new Map())).toBeNull()
})

describe('an event loop of its own', () => {
  const rows = [0, 10_000].map((t) => ({
    k: 'threads' as const,
    t,
    pid: 20,
    of: 1,
    ...columnsOf([[21, t / 5, 0, 'S', 2]]),
  }))
  const seen = { k: 'blocked' as const, t: 5000, pid: 20, stack: NAMELESS, n: 250, queuedMs: 0, tids: [21] }
  const polling = { ...seen, wait: EPOLL, ms: 1000 }
  const loopsOf = (...records: Parameters<typeof sourceOf>[0]) => {
    const listener = { k: 'listener' as const, t: 0, pid: 20, port: 8080 }
    const source = sourceOf([...rows, listener, ...records], { strings, stacks })
    return readAsyncRuntime(source, threadSamples(source))?.loops
  }

  it.each([
    ['a call', [polling, { ...seen, wait: RECV, ms: 5000 }], 0.5],
    ['poll, of a client that blocks', [polling, { ...seen, wait: POLL, ms: 5000 }], 0.5],
    ['nothing: a futex', [polling, { ...seen, wait: FUTEX, ms: 5000 }], 0],
    ['nothing: its own wait', [{ ...polling, ms: 8000 }], 0],
  ])('%s', (_, records, inCalls) => {
    expect(loopsOf(...records)).toMatchObject({ threads: 1, inCalls, inLocks: 0, running: 0.2 })
  })

  it('is none where others of the process poll too, as the runtime of Go and of Java has it', () => {
    const blocked = { ...seen, wait: RECV, ms: 5000 }
    const runtime = { k: 'runtime', t: 0, pid: 20, of: 'jvm' } as RecordOf<'runtime'>
    expect(loopsOf(blocked)).toBeUndefined()
    expect(loopsOf(polling, { ...polling, tids: [22] }, blocked)).toBeUndefined()
    expect(loopsOf(polling, blocked, runtime)).toBeUndefined()
    expect(loopsOf({ ...polling, stack: GO_POLL }, blocked)).toBeUndefined()
  })
})
