import { functionName } from './frames.ts'

export const GIL_NAME = "Python's global interpreter lock"

/** CPython takes its interpreter lock by a condition variable and the mutex that belongs to that; no other code of it waits so. */
const WAITS: ReadonlySet<string> = new Set(['condition', 'mutex'])
const TAKES = /^(take_gil|drop_gil|PyCOND_|COND_|MUTEX_|_?PyEval_|_?PyGILState_|_?PyThreadState_)/
/** A stripped CPython, whose functions have no names. */
const CPYTHON = /\((lib)?python3?[\d.]*(\.so[\d.]*)?\)$/

/** Whether a wait in a Python program is one for the global interpreter lock. */
export function isGil(kind: string, [innermost = '']: readonly string[]): boolean {
  return WAITS.has(kind) && (TAKES.test(functionName(innermost)) || CPYTHON.test(innermost))
}
