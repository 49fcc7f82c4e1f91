import type { Runtime } from '../../targets/identify.ts'
import { isHelper, parksItself, type Wait, waitByFunction } from './wait-functions.ts'

/** A thread blocked in futex(2), from the words of /proc/PID/task/TID/syscall. */
export interface FutexCall {
  address: number
  op: number
  /** What the word was expected to hold, 32 bits. */
  value: number
  /** Address of the time-out, 0 without one. */
  timeout: number
  sp: number
}

/** What else is known of the process at that moment. */
export interface FutexContext {
  /** Names of the functions on the thread's stack, leaf first; null for one without a name. Empty where none was taken. */
  functions: readonly (string | null)[]
  runtime: Runtime
  /** Threads of the process in futex on the same address, this one too. */
  waiters: number
  /** The call comes from where only one value was ever seen over several addresses: code of a mutex (FutexSites). */
  mutexSite: boolean
}

/** A lock's word, and what is done there; address 0 where it cannot be told. */
export interface FutexWait extends Wait {
  lock: number
}

const COMMAND = 0x7f
const SHARED_OR_REALTIME = 0x100
const PI_LOCKS = [6, 13]
const WAIT_REQUEUE_PI = 11
/** How far above the stack pointer a word is the thread's own: what waits there is a queue's node, not a lock. */
const OWN_STACK = 1024
/** A stack tells by its top: callers further up wait for something else. */
const LOOKED_AT = 12

const CONDVAR: Wait = { kind: 'condvar', state: 'idle' }
const MUTEX: Wait = { kind: 'mutex', state: 'contended' }
const RWLOCK: Wait = { kind: 'rwlock', state: 'contended' }
const UNKNOWN: Wait = { kind: 'futex', state: 'unclassified' }

/**
 * Tells a held lock from a thread that has nothing to do. By the functions on its stack, else by where it calls from, else by the
 * call's operation and expected value; never by what the word holds now, nor by rates. What none of them tells is `unclassified`,
 * and not to be summed into lock wait.
 */
export function classifyFutex(call: FutexCall, context: FutexContext): FutexWait {
  const functions = context.functions.slice(0, LOOKED_AT)
  const wait =
    byFunctions(functions) ?? byStack(call) ?? bySite(call, functions, context) ?? byValue(call, functions, context)
  return { ...wait, lock: lockOf(call, wait, functions) }
}

/**
 * The innermost function that is known to wait for something, but where the callers of that say it better: a mutex that a
 * condition variable takes back as it wakes is the condition variable's (the agent, which sees calls from outside a library, counts
 * it so too), and CPython's lock is made of a condition variable.
 */
function byFunctions(functions: readonly (string | null)[]): Wait | null {
  const waits: Wait[] = []
  for (const name of functions) {
    const wait = name === null ? null : waitByFunction(name)
    if (wait) waits.push(wait)
    else if (name !== null && !isHelper(name)) break
  }
  const [inner] = waits
  if (!inner) return null
  const outer = waits.find(({ kind }) => kind !== inner.kind)?.kind
  if (inner.kind === 'mutex' && outer === 'condvar') return CONDVAR
  return inner.kind === 'condvar' && outer === 'gil' ? { kind: 'gil', state: 'contended' } : inner
}

/** musl's condition variable waits on a node of its own stack. */
function byStack({ address, sp }: FutexCall): Wait | null {
  return address >= sp && address - sp < OWN_STACK ? CONDVAR : null
}

/** A caller that has a name, and that nobody knows, gives the value a meaning of its own. */
function bySite(
  { op, value }: FutexCall,
  functions: readonly (string | null)[],
  { mutexSite }: FutexContext,
): Wait | null {
  if (typeof functions.find((name) => name === null || !isHelper(name)) === 'string') return null
  return mutexSite && (op & COMMAND & ~9) === 0 && value === 2 ? MUTEX : null
}

function byValue(call: FutexCall, functions: readonly (string | null)[], { runtime, waiters }: FutexContext): Wait {
  const { op, value, timeout } = call
  const command = op & COMMAND
  if (PI_LOCKS.includes(command)) return MUTEX
  if (command === WAIT_REQUEUE_PI) return CONDVAR
  if (runtime === 'go') return op === 0x80 && value === 0 ? { kind: 'park', state: 'idle' } : UNKNOWN
  if (op === 0x109 && value > 3) return { kind: 'join', state: 'idle' }
  if (op === 0x80) {
    if (value >= 2 ** 31) return MUTEX
    // Through syscall(2) it is std::atomic's or a library's own word: 2 means there whatever its author chose.
    return value === 2 && functions[0] !== 'syscall' ? MUTEX : UNKNOWN
  }
  // In a JVM monitors, parked pools and queues all wait on a parker of the thread.
  if (runtime === 'jvm') return UNKNOWN
  if ((op & COMMAND) === 9 && (op & SHARED_OR_REALTIME) !== 0) {
    if (value === 0) return CONDVAR
    return value === 2 || value === 3 ? RWLOCK : UNKNOWN
  }
  if (op !== 0x89) return UNKNOWN
  if (runtime === 'python' && value === 0 && timeout !== 0)
    return waiters > 1 ? { kind: 'gil', state: 'contended' } : UNKNOWN
  // Rust: bits 30 and 31 of a read-write lock say that somebody waits. thread::park's word is -1 too.
  if (value >= 2 ** 30) return value === 0xffffffff ? UNKNOWN : RWLOCK
  // Rust's mutex, or its condition variable whose counter happens to be 2.
  return value === 2 ? UNKNOWN : CONDVAR
}

/** Where the lock's structure begins, which is not always the word that is waited on. */
function lockOf(
  { address, op, value }: FutexCall,
  { kind, state }: Wait,
  functions: readonly (string | null)[],
): number {
  if (state !== 'contended') return address
  // musl's mutex has its type first.
  if (kind === 'mutex' && op === 0x80 && value >= 2 ** 31) return address - 4
  if (functions.some((name) => name !== null && parksItself(name))) return 0
  // glibc's readers wait on the third word, writers on the fourth; Rust's writers on the second.
  if (kind === 'rwlock' && (op & SHARED_OR_REALTIME) !== 0) return address - (address % 8 === 0 ? 8 : 12)
  return kind === 'rwlock' && functions.some((name) => name?.endsWith('write_contended')) && value < 2 ** 30
    ? address - 4
    : address
}
