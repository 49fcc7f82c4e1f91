import { functionName } from './frames.ts'

export const GIL_NAME = "Python's global interpreter lock"

/**
 * CPython takes its interpreter lock by a condition variable and the mutex that belongs to that, which to the kernel's record is a futex that
 * its function takes; no other code of it waits so.
 */
const WAITS: ReadonlySet<string> = new Set(['condition', 'mutex', 'futex-lock'])
const TAKES = /^(take_gil|drop_gil|PyCOND_|COND_|MUTEX_|_?PyEval_|_?PyGILState_|_?PyThreadState_)/
/** What a wait is made of in libc, where that has symbols. */
const LIBC = /^_*(futex|lll|pthread|condvar|syscall)/
/** A stripped CPython, whose functions have no names. */
const CPYTHON = /\((lib)?python3?[\d.]*(\.so[\d.]*)?\)$/

/** Whether a wait in a Python program is one for the global interpreter lock. */
export function isGil(kind: string, stack: readonly string[]): boolean {
  const caller = stack.find((frame) => !LIBC.test(functionName(frame))) ?? ''
  return WAITS.has(kind) && (TAKES.test(functionName(caller)) || CPYTHON.test(caller))
}
