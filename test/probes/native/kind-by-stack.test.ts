import { expect, it } from 'vitest'
import { kindByStack } from '../../../src/probes/native/kind-by-stack.ts'

type Kind = Parameters<typeof kindByStack>[0]

it.each<[string, Kind, string[], Kind]>([
  [
    "folly's Baton",
    'futex-lock',
    ['folly::detail::futexWaitImpl (Futex.cpp:250)', 'folly::Baton::wait (Baton.h:160)'],
    'park',
  ],
  [
    "Rust's mutex",
    'futex-lock',
    ['std::sys::sync::mutex::futex::Mutex::lock_contended (server)', 'serve (server)'],
    'futex-lock',
  ],
  [
    "Rust's, inlined",
    'futex-lock',
    ['lock (/rustc/1/library/std/src/sync/mutex.rs:5)', 'serve (main.rs:7)'],
    'futex-lock',
  ],
  ["Rust's park, inlined", 'futex-idle', ['std::thread::wait (server)', 'serve (server)'], 'futex-idle'],
  [
    'a program without symbols',
    'futex-lock',
    ['0x1f30 (server)', '0x2f30 (server)', '__libc_start_main (libc.so.6)'],
    'futex-lock',
  ],
  ['a process that is gone', 'futex-lock', ['/usr/bin/server+0x1f30'], 'futex-lock'],
  ['no stack', 'futex-lock', [], 'futex-lock'],
  [
    "InnoDB's mutex",
    'park',
    ['srw_mutex_impl<true>::wait_and_lock (mariadbd)', 'log_t::append (mariadbd)'],
    'futex-lock',
  ],
  [
    "InnoDB's latch, read",
    'park',
    ['ssux_lock_impl<true>::rd_wait (mariadbd)', 'buf_page_get (mariadbd)'],
    'rwlock-read',
  ],
  [
    "InnoDB's latch, written",
    'park',
    ['ssux_lock_impl<false>::wr_wait (mariadbd)', 'dict_sys_t::lock'],
    'rwlock-write',
  ],
  ["GLib's mutex", 'park', ['g_mutex_lock_slowpath (libglib-2.0.so.0)', 'serve (server)'], 'futex-lock'],
  ["GLib's, without its symbols", 'park', ['0x1f30 (libglib-2.0.so.0.7400.6)', 'serve (server)'], 'futex-lock'],
  [
    "GLib's condition variable",
    'park',
    ['g_cond_wait (libglib-2.0.so.0)', 'g_async_queue_pop (libglib)'],
    'futex-idle',
  ],
  ['std::atomic of C++', 'park', ['serve (server)'], 'park'],
  [
    "abseil's Mutex",
    'park',
    [
      'absl::synchronization_internal::FutexWaiter::WaitUntil (envoy)',
      'absl::synchronization_internal::FutexWaiter::Wait (envoy)',
      'AbslInternalPerThreadSemWait_lts_20240722 (envoy)',
      'absl::Mutex::Block (envoy)',
      'absl::Mutex::LockSlowLoop (envoy)',
      'absl::Mutex::LockSlowWithDeadline (envoy)',
      'serve (envoy)',
    ],
    'futex-lock',
  ],
  [
    'a condition of it',
    'futex-idle',
    [
      'AbslInternalPerThreadSemWait_lts_20240722 (envoy)',
      'absl::Mutex::Block (envoy)',
      'absl::Mutex::AwaitCommon (envoy)',
    ],
    'futex-idle',
  ],
  ["abseil's SpinLock", 'park', ['AbslInternalSpinLockDelay_lts_20240722 (envoy)', 'serve (envoy)'], 'futex-lock'],
  ['no futex of its own', 'mutex', ['serve (main.cpp:7)'], 'mutex'],
])('%s', (_name, kind, frames, expected) => {
  expect(kindByStack(kind, frames)).toBe(expected)
})
