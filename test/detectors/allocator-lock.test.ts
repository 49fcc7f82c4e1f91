import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { allocatorLock } from '../../src/detectors/allocator-lock.ts'
import { evidenceOf, findingOf, lock, verdictOf } from '../support/signals.ts'

const MALLOC = [
  '__lll_lock_wait_private (libc.so.6)',
  'malloc (libc.so.6)',
  'operator new (libstdc++.so.6)',
  'copy (/srv/a.cpp:1)',
]
const waits = (stack: string[], seconds = 60): Lock['waiters'] => [{ stack, seconds }]
const arena = (values: Partial<Lock> = {}): Lock =>
  lock({ waiters: waits(MALLOC), holders: [], waits: null, holdPerSecond: null, fidelity: 'sampled', ...values })
/** A lock that is waited for in malloc. */
const allocating = (values: Partial<Lock> = {}, ratio = 0.6) => ({
  lockWait: { ratio, seconds: 60, locks: [arena(values)] },
})

describe('limits', () => {
  it.each([
    ['held up just under the limit', allocating({ heldUp: 0.49 }), 'clean'],
    ['held up at the limit', allocating({ heldUp: 0.5 }), 'critical'],
    ['a single waiter', allocating({ waiterThreads: 1 }), 'clean'],
    ['two waiters', allocating({ waiterThreads: 2 }), 'critical'],
    ['share of wait just under the limit', allocating({}, 0.099), 'clean'],
    ['share of wait at the limit', allocating({}, 0.1), 'warning'],
    ['share of wait just under critical', allocating({}, 0.499), 'warning'],
    ['share of wait at critical', allocating({}, 0.5), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(allocatorLock, ills)).toBe(expected)
  })
})

it.each([
  [
    'glibc, with debug symbols',
    [
      '__lll_lock_wait_private (./nptl/lowlevellock.c:34)',
      '_int_free (./malloc/malloc.c:4572)',
      'free (./malloc/malloc.c:3385)',
    ],
  ],
  [
    'glibc, without',
    ['__lll_lock_wait_private (libc.so.6)', '0x9a000 (libc.so.6)', 'calloc (libc.so.6)', 'parse (server)'],
  ],
  ['jemalloc', ['pthread_mutex_lock (libc.so.6)', 'je_malloc_mutex_lock_slow (libjemalloc.so.2)', 'handle (server)']],
  [
    'an allocator of its own',
    [
      'pthread_mutex_lock (libc.so.6)',
      'std::mutex::lock (/usr/include/c++/12/bits/std_mutex.h:100)',
      'operator new(unsigned long) (/srv/alloc.cpp:5)',
    ],
  ],
  [
    'Rust',
    [
      '__lll_lock_wait_private (libc.so.6)',
      'malloc (libc.so.6)',
      'alloc::alloc::alloc (server)',
      'search (src/main.rs:9)',
    ],
  ],
])('knows %s', (_, stack) => {
  expect(verdictOf(allocatorLock, allocating({ waiters: waits(stack) }))).toBe('critical')
})

describe('look-alikes', () => {
  it.each([
    ['no lock at all', {}],
    ['a condition variable of a healthy pool', allocating({ role: 'idle' })],
    [
      'a lock of the program, whose caller allocates',
      allocating({
        waiters: waits(['pthread_mutex_lock (libc.so.6)', 'cached (/srv/a.cpp:1)', 'operator new (libstdc++.so.6)']),
      }),
    ],
    [
      'a lock that is seldom wanted while allocating',
      allocating({ waiters: [...waits(['lock (/srv/a.cpp:3)'], 40), ...waits(MALLOC, 20)] }),
    ],
  ])('%s', (_, ills) => {
    expect(verdictOf(allocatorLock, ills)).toBe('clean')
  })
})

it('adds up the locks of several arenas', () => {
  const locks = ['L1', 'L2', 'L3'].map((id) => arena({ id, heldUp: 0.3, waitSeconds: 3, waiters: waits(MALLOC, 3) }))
  const finding = findingOf(allocatorLock, { lockWait: { ratio: 0.6, seconds: 9, locks } })
  expect(finding.summary).toBe(
    '0.9 threads on average wait for the lock of the memory allocator (limit 0.5), 60 % of the time of the threads that use locks (limit 10 %).',
  )
  expect(evidenceOf(finding, 'locks of the allocator')).toBe(3)
  expect(finding.locks).toEqual(['L1', 'L2', 'L3'])
})
