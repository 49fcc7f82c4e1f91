import { expect, it } from 'vitest'
import { sideOf, writeShare } from '../../src/analysis/write-share.ts'

it.each([
  ['write', ['__futex_abstimed_wait (libc.so.6)', 'pthread_rwlock_wrlock (libc.so.6)']],
  ['write', ['__pthread_rwlock_wrlock_full64 (./nptl/pthread_rwlock_common.c:7)']],
  [
    'read',
    ['pthread_rwlock_rdlock (libc.so.6)', 'std::shared_mutex::lock_shared (/usr/include/c++/12/shared_mutex:1)'],
  ],
  ['write', ['syscall (libc.so.6)', 'std::sys::sync::rwlock::futex::RwLock::write_contended (server)']],
  ['read', ['syscall (libc.so.6)', 'std::sys::sync::rwlock::futex::RwLock::read_contended (server)']],
  ['write', ['parking_lot::raw_rwlock::RawRwLock::lock_exclusive_slow (server)']],
  ['read', ['parking_lot::raw_rwlock::RawRwLock::lock_shared_slow (server)']],
  [null, ['pthread_mutex_lock (libc.so.6)', 'write (a.cpp:1)']],
  [null, ['0x1f30 (server)']],
] as const)('%s: %j', (side, stack) => {
  expect(sideOf(stack)).toBe(side)
})

it('weighs only what is known', () => {
  const waits = [
    { side: 'write' as const, weight: 3 },
    { side: 'read' as const, weight: 1 },
    { side: null, weight: 9 },
  ]
  expect(writeShare(waits)).toBe(0.75)
  expect(writeShare([{ side: null, weight: 9 }])).toBeNull()
})
