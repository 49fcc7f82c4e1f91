import { describe, expect, it } from 'vitest'
import { classifyFutex, type FutexCall, type FutexContext } from '../../../src/probes/native/futex.ts'
import { FutexSites } from '../../../src/probes/native/futex-sites.ts'

const ADDRESS = 0x5000_0010
const call = (op: number, value: number, rest: Partial<FutexCall> = {}): FutexCall => {
  return { address: ADDRESS, op, value, timeout: 0, sp: 0x7fff_0000, ...rest }
}
const nothing: FutexContext = { functions: [], runtime: 'native', waiters: 1, mutexSite: false }
const wait = (kind: string, state: string, lock = ADDRESS) => ({ kind, state, lock })

describe('by the words of the call', () => {
  it.each<[string, FutexCall, Partial<FutexContext>, ReturnType<typeof wait>]>([
    ["glibc's mutex", call(0x80, 2), {}, wait('mutex', 'contended')],
    ["Rust's mutex, or a condition variable whose counter is 2", call(0x89, 2), {}, wait('futex', 'unclassified')],
    ["glibc's rwlock, read", call(0x189, 3), {}, wait('rwlock', 'contended', ADDRESS - 8)],
    ["glibc's rwlock, write", call(0x189, 2, { address: ADDRESS + 4 }), {}, wait('rwlock', 'contended', ADDRESS - 8)],
    ["Rust's rwlock, readers wait", call(0x89, 0xc0000001), {}, wait('rwlock', 'contended')],
    ["Rust's rwlock, written", call(0x89, 0x7fffffff), {}, wait('rwlock', 'contended')],
    ["Rust's rwlock or thread::park", call(0x89, 0xffffffff), {}, wait('futex', 'unclassified')],
    ["glibc's condition variable", call(0x189, 0), {}, wait('condvar', 'idle')],
    ["Rust's condition variable", call(0x89, 17), {}, wait('condvar', 'idle')],
    ["parking_lot or another's parker", call(0x80, 1), {}, wait('futex', 'unclassified')],
    ["CPython's GIL", call(0x89, 0, { timeout: 0x7000 }), { runtime: 'python', waiters: 3 }, wait('gil', 'contended')],
    ['a Python thread alone', call(0x89, 0, { timeout: 0x7000 }), { runtime: 'python' }, wait('futex', 'unclassified')],
    ["musl's mutex", call(0x80, 0x8000_0064), {}, wait('mutex', 'contended', ADDRESS - 4)],
    ["musl's condition variable", call(0x80, 2, { sp: ADDRESS - 64 }), {}, wait('condvar', 'idle')],
    ['pthread_join', call(0x109, 4711), {}, wait('join', 'idle')],
    ["Go's idle threads", call(0x80, 0), { runtime: 'go' }, wait('park', 'idle')],
    ['a JVM', call(0x189, 0), { runtime: 'jvm' }, wait('futex', 'unclassified')],
    ['a priority-inheriting mutex', call(0x86, 0), {}, wait('mutex', 'contended')],
    ['std::atomic', call(0x80, 2), { functions: ['syscall', 'serve'] }, wait('futex', 'unclassified')],
    ['a library of its own', call(0x80, 7), {}, wait('futex', 'unclassified')],
  ])('%s', (_name, futex, context, expected) => {
    expect(classifyFutex(futex, { ...nothing, ...context })).toEqual(expected)
  })
})

describe('by the functions on the stack, which say more than the words', () => {
  it.each<[string, FutexCall, (string | null)[], ReturnType<typeof wait>]>([
    ['glibc', call(0x80, 2), ['__lll_lock_wait', 'pthread_mutex_lock', 'serve'], wait('mutex', 'contended')],
    ['glibc without its own symbols', call(0x80, 2), [null, 'pthread_mutex_lock', 'serve'], wait('mutex', 'contended')],
    ["glibc's malloc", call(0x80, 2), ['__lll_lock_wait_private', 'malloc'], wait('mutex', 'contended')],
    ['a condition variable', call(0x189, 0), [null, 'pthread_cond_wait', 'serve'], wait('condvar', 'idle')],
    [
      'a lock that it takes back',
      call(0x80, 2),
      ['__lll_lock_wait', '__pthread_mutex_cond_lock', 'pthread_cond_wait'],
      wait('condvar', 'idle'),
    ],
    ['a semaphore', call(0x189, 0), ['__new_sem_wait_slow64', 'serve'], wait('semaphore', 'idle')],
    [
      'Rust',
      call(0x89, 2),
      ['syscall', 'std::sys::sync::mutex::futex::Mutex::lock_contended'],
      wait('mutex', 'contended'),
    ],
    [
      "Rust's condition variable at 2",
      call(0x89, 2),
      ['syscall', 'std::sys::sync::condvar::futex::Condvar::wait', 'serve'],
      wait('condvar', 'idle'),
    ],
    [
      "Rust's rwlock, write",
      call(0x89, 5),
      ['syscall', 'std::sys::sync::rwlock::futex::RwLock::write_contended'],
      wait('rwlock', 'contended', ADDRESS - 4),
    ],
    ['thread::park', call(0x89, 0xffffffff), ['syscall', 'std::thread::park', 'serve'], wait('park', 'idle')],
    [
      'parking_lot',
      call(0x80, 1),
      ['syscall', 'parking_lot::raw_mutex::RawMutex::lock_slow', 'serve'],
      wait('mutex', 'contended', 0),
    ],
    [
      'parked, not locked',
      call(0x80, 1),
      ['syscall', 'parking_lot::condvar::Condvar::wait_until_internal'],
      wait('condvar', 'idle'),
    ],
    ['abseil', call(0x80, 0), ['syscall', 'absl::Mutex::LockSlow'], wait('mutex', 'contended')],
    [
      "abseil's thread's own word",
      call(0x189, 0),
      [
        'absl::synchronization_internal::Waiter::Wait',
        'AbslInternalPerThreadSemWait',
        'absl::Mutex::Block',
        'absl::Mutex::LockSlowLoop',
      ],
      wait('mutex', 'contended', 0),
    ],
    ['the GIL', call(0x189, 0), [null, 'pthread_cond_timedwait', 'take_gil'], wait('gil', 'contended')],
    [
      'a caller further up waits for something else',
      call(0x89, 2),
      ['syscall', 'serve', 'pthread_mutex_lock'],
      wait('futex', 'unclassified'),
    ],
  ])('%s', (_name, futex, functions, expected) => {
    expect(classifyFutex(futex, { ...nothing, functions })).toEqual(expected)
  })
})

describe('without symbols, by where the call comes from', () => {
  it('a place where 2 is expected at several addresses is the mutex', () => {
    const sites = new FutexSites()
    for (let i = 0; i < 30; i++) {
      sites.observe(0x100, i % 2, 2)
      sites.observe(0x200, i % 2, i)
      sites.observe(0x300, 0, 2)
    }
    expect([0x100, 0x200, 0x300, 0x400].map((site) => sites.isMutex(site))).toEqual([true, false, false, false])
    const at = (...functions: (string | null)[]) =>
      classifyFutex(call(0x89, 2), { ...nothing, functions, mutexSite: true })
    expect(at()).toEqual(wait('mutex', 'contended'))
    expect(at('syscall', null, 'serve')).toEqual(wait('mutex', 'contended'))
    expect(at('syscall', 'folly::Baton::wait', 'serve')).toEqual(wait('futex', 'unclassified'))
  })
})
