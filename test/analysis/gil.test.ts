import { expect, it } from 'vitest'
import { isGil } from '../../src/analysis/gil.ts'

const TAKES = ['PyCOND_TIMEDWAIT (condvar.h:73)', 'take_gil (ceval_gil.h:255)']
const LIBC = [
  '__futex_abstimed_wait_common64 (futex-internal.c:57)',
  'pthread_cond_timedwait (pthread_cond_wait.c:643)',
]

it.each([
  ['a condition, by its hook', 'condition', TAKES, true],
  ["a futex, by the kernel's record, where libc has symbols", 'futex-lock', [...LIBC, ...TAKES], true],
  ['of a stripped CPython', 'condition', ['0x1234 (libpython3.11.so.1.0)'], true],
  ['a queue of an extension module', 'condition', [...LIBC, 'Pool::pop (pool.cpp:3)'], false],
  ['a semaphore, as threading.Lock is', 'semaphore', TAKES, false],
  ['of no known place', 'condition', [], false],
])('the GIL: %s', (_, kind, stack, expected) => {
  expect(isGil(kind, stack)).toBe(expected)
})
