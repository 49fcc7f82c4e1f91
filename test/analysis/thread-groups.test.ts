import { describe, expect, it } from 'vitest'
import { roleInStack } from '../../src/analysis/runtime-roles.ts'
import { groupOfCreator, groupOfName } from '../../src/analysis/thread-groups.ts'
import { nameThreads } from '../../src/analysis/thread-names.ts'
import { sourceOf } from '../support/recorded.ts'

describe('groups by name', () => {
  it.each([
    ['query-12', 'query-*'],
    ['pool-1-thread-3', 'pool-1-thread-*'],
    ['tokio-runtime-w', 'tokio-rt-worker'],
    ['tokio-rt-worker', 'tokio-rt-worker'],
    ['libuv-worker', 'libuv-worker'],
    ['V8Worker', 'node runtime (V8)'],
    ['GC Thread#3', 'JVM garbage collector'],
    ['G1 Conc#0', 'JVM garbage collector'],
    ['C2 CompilerThre', 'JVM compiler'],
    ['VM Periodic Tas', 'JVM runtime'],
    ['.NET Server GC', '.NET garbage collector'],
    ['.NET TP Worker', '.NET TP Worker'],
  ])('%s is of %s', (name, group) => {
    expect(groupOfName(name)).toBe(group)
  })

  it('an unnamed one goes by what started it', () => {
    expect(groupOfCreator(['pthread_create (libc.so.6)', 'serve (/srv/main.cpp:40:5)'])).toBe(
      'started in serve (main.cpp:40)',
    )
    expect(groupOfCreator(['pthread_create (libc.so.6)'])).toBeNull()
  })
})

const RUN = 'tokio::runtime::scheduler::multi_thread::worker::Context::run_task'
const START = 'tokio::runtime::blocking::pool::Inner::run'

describe('threads of Tokio', () => {
  it.each([
    ['a worker, which the pool has started', ['recv', 'app::handler', RUN, START], 'worker'],
    [
      'the pool',
      ['nanosleep', 'app::ask', 'tokio::runtime::blocking::task::BlockingTask::poll', START],
      'blocking pool',
    ],
    ['a runtime of one thread', ['recv', 'tokio::runtime::scheduler::current_thread::CoreGuard::block_on'], 'worker'],
    ['who waits for a runtime', ['tokio::runtime::scheduler::multi_thread::MultiThread::block_on'], null],
    ['another thread', ['recv', 'app::handler'], null],
  ])('%s', (_, stack, role) => {
    expect(roleInStack(stack)).toBe(role)
  })

  it('have a group each, though they have one name', () => {
    const strings = ['recvfrom', RUN, 'clock_nanosleep', START]
    const blocked = { k: 'blocked', t: 1000, pid: 20, n: 50, ms: 900, queuedMs: 0 } as const
    const source = sourceOf(
      [
        ...[20, 21, 22, 23].map((tid) => ({ k: 'thread', t: 0, pid: 20, tid, name: 'tokio-runtime-w' }) as const),
        { ...blocked, wait: 0, stack: 0, tids: [21] },
        { ...blocked, wait: 2, stack: 1, tids: [22] },
      ],
      {
        strings,
        stacks: [
          [0, 1],
          [2, 3],
        ],
      },
    )
    const groupOf = (tid: number) => nameThreads(source)({ pid: 20, tid }).group
    expect([21, 22, 23].map(groupOf)).toEqual(['Tokio workers', 'Tokio blocking pool', 'tokio-rt-worker'])
  })
})
