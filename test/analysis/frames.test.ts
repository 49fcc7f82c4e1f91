import { expect, it } from 'vitest'
import { fromTaker, isApplication, shortFrame } from '../../src/analysis/frames.ts'

it.each([
  'search (/srv/app/index.mjs:88:12)',
  'Query::run (/srv/search/query.cpp:40)',
  'search::Index::find (/srv/search/src/index.rs:7)',
  'locked_search (search-server)',
  'std_dev (stats.c:4)',
  'search.Index.rank (Index.java:42)',
  'main.(*service).search (main.go:20)',
  'log.(*Logger).Output (log.go:180)',
  'time.now (/srv/app/time.mjs:3:1)',
])('code of the target: %s', (frame) => {
  expect(isApplication(frame)).toBe(true)
})

it.each([
  'post (node:inspector:60:3)',
  'pthread_mutex_lock (libc.so.6)',
  'futex_wait (./nptl/../sysdeps/nptl/futex-internal.h:146)',
  '__lll_lock_wait (./nptl/lowlevellock.c:49)',
  'syscall (../sysdeps/unix/sysv/linux/x86_64/syscall.S:38)',
  'std::mutex::lock (/usr/include/c++/12/bits/std_mutex.h:100)',
  '__gthread_mutex_lock (/usr/include/x86_64-linux-gnu/c++/12/bits/gthr-default.h:749)',
  'std::thread::_M_start_thread (libstdc++.so.6.0.30)',
  'lock (/rustc/59807616/library/std/src/sys/sync/mutex/futex.rs:33)',
  'lock_slow (/home/me/.cargo/registry/src/index/parking_lot-0.12.4/src/raw_mutex.rs:220)',
  'parking_lot::raw_mutex::RawMutex::lock_slow (search-server)',
  '_dl_start (ld-linux-x86-64.so.2)',
  '(garbage collector)',
  'java.util.concurrent.locks.ReentrantLock$Sync.lock (ReentrantLock.java:153)',
  'sun.net.httpserver.ServerImpl.addEvent (ServerImpl.java:317)',
  'internal/sync.(*Mutex).lockSlow (mutex.go:149)',
  'net/http.(*conn).serve (server.go:2092)',
])('code of the runtime: %s', (frame) => {
  expect(isApplication(frame)).toBe(false)
})

it.each([
  ['search (/srv/app/index.mjs:88:12)', 'search (index.mjs:88)'],
  ['timed_lock<std::mutex> (/srv/lock.h:22)', 'timed_lock (lock.h:22)'],
  ['{closure#0}<std::Guard<()>, pool::run::{closure_env#0}> (/srv/main.rs:4)', '{closure#0} (main.rs:4)'],
  ['search::<T>::find::<u8> (/srv/main.rs:4)', 'search::find (main.rs:4)'],
  ['<Index as Find>::find (/srv/main.rs:4)', '<Index as Find>::find (main.rs:4)'],
  ['Array.<anonymous> (/srv/a.js:1:2)', 'Array.<anonymous> (a.js:1)'],
])('%s in short', (frame, short) => {
  expect(shortFrame(frame)).toBe(short)
})

it('of who waits for a lock there is where it stands once it has it', () => {
  const own = ['query (/srv/main.cpp:9)', 'main (/srv/main.cpp:20)']
  expect(fromTaker(['futex_wait (libc.so.6)', '__lll_lock_wait (libc.so.6)', ...own])).toEqual(own)
  expect(fromTaker(['pthread_mutex_unlock (libc.so.6)', ...own])[0]).toBe('pthread_mutex_unlock (libc.so.6)')
  expect(fromTaker(['futex_wait (libc.so.6)', '0x1234 (server)'])).toEqual(['0x1234 (server)'])
})
