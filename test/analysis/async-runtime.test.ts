import { describe, expect, it } from 'vitest'
import { readAsyncRuntime } from '../../src/analysis/async-runtime.ts'
import { threadSamples } from '../../src/analysis/thread-samples.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { sourceOf } from '../support/recorded.ts'

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
]
const stacks = [[4, 5, 6], [7, 6], [4, 8, 5, 6], [4, 6], [4]]
const [TASK, PARK, HANDED, SHORT, NAMELESS] = [0, 1, 2, 3, 4]
const [FUTEX, EPOLL, RECV, POLL] = [0, 1, 2, 3]

/** One worker over 10 s that runs for 2 s, and was seen blocked for 5. */
function worker(values: Partial<RecordOf<'blocked'>>) {
  const rows = [0, 10_000].map((t) => ({
    k: 'threads' as const,
    t,
    pid: 20,
    of: 1,
    rows: [[21, t / 5, 0, 'S', 2] as [number, number, number, string, number]],
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
    ['a call of others', { wait: RECV, stack: NAMELESS, tids: [21, 99] }, { inCalls: 0.25 }],
  ] as [string, Partial<RecordOf<'blocked'>>, object][])('%s', (_, values, expected) => {
    expect(worker(values)).toMatchObject({ threads: 1, running: 0.2, ...expected })
  })
})

it('without an async runtime there is no signal', () => {
  expect(readAsyncRuntime(sourceOf([]), new Map())).toBeNull()
})
