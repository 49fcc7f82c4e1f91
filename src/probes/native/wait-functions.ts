type WaitKind = 'mutex' | 'rwlock' | 'once' | 'gil' | 'condvar' | 'semaphore' | 'barrier' | 'join' | 'park' | 'futex'

/** `contended`: another thread is inside; `idle`: nothing to do; `unclassified`: cannot be told apart, not to be summed into either. */
type WaitState = 'contended' | 'idle' | 'unclassified'

export interface Wait {
  kind: WaitKind
  state: WaitState
}

/** The functions that wait, by name as demangled, of glibc, musl, Rust's std, parking_lot, abseil, InnoDB, GLib, CPython and Tokio. */
const WAITS: readonly [pattern: RegExp, kind: WaitKind, state: WaitState][] = [
  [/^_*pthread_cond_(timed|clock)?wait/, 'condvar', 'idle'],
  [/\bcondvar\b.*::Condvar::wait|\bCondvar::(wait|wait_optional_timeout|wait_timeout)$/, 'condvar', 'idle'],
  [/^std::condition_variable/, 'condvar', 'idle'],
  [/^absl::.*(CondVar::Wait|\bMutex::(Await|(Reader|Writer)?LockWhen))|^nsync_cv_wait/, 'condvar', 'idle'],
  [/^g_cond_wait(_until)?$/, 'condvar', 'idle'],
  [/^_*(new_)?sem_(timed|clock)?wait/, 'semaphore', 'idle'],
  [/^_*pthread_barrier_wait$/, 'barrier', 'idle'],
  [/^_*pthread_(clock|timed|try)?join(_np|_ex)?$/, 'join', 'idle'],
  [/^_*pthread_rwlock_(timed|clock)?(rd|wr)lock/, 'rwlock', 'contended'],
  [/\bRwLock::(read_contended|write_contended)$/, 'rwlock', 'contended'],
  [/\bRawRwLock::(lock|upgrade)_\w*slow$|\bRawRwLock::wait_for_readers$/, 'rwlock', 'contended'],
  [/^take_gil$/, 'gil', 'contended'],
  [/^_*(GI_+)?lll_lock_wait|^_*pthread_mutex_(lock|timedlock|clocklock|cond_lock)(_full)?$/, 'mutex', 'contended'],
  [/\bMutex::lock_contended$|\bRawMutex::lock_slow$|\bReentrantLock\b.*::lock_contended$/, 'mutex', 'contended'],
  [/\b(Mutex|SpinLock)::(LockSlow|LockSlowLoop|SlowLock|LockSlowWithDeadline)$/, 'mutex', 'contended'],
  [/\b(AbslInternal)?SpinLockDelay(_\w+)?$/, 'mutex', 'contended'],
  [
    /^g_mutex_lock(_slowpath)?$|^g_(pointer_)?bit_lock$|\bsrw_mutex(_impl<\w+>)?::(wait_and_lock|wr_wait|wait)$/,
    'mutex',
    'contended',
  ],
  [/\bssux_lock\w*(<\w+>)?::(wr_|rd_)?wait$/, 'rwlock', 'contended'],
  [/^_*pthread_once|^__cxa_guard_acquire$|\bonce::futex::Once::(call|wait)$/, 'once', 'contended'],
  [/\bthread::(park|park_timeout)$|\bThread::park(_timeout)?$|\bParker::park(_timeout)?$/, 'park', 'idle'],
]

/** Functions between the one that waits and the kernel, or between the two that tell: they say nothing themselves. */
const HELPERS = [
  /^_*(syscall(_cp)?(_asm|_c)?|syscall_cancel\w*|internal_syscall_cancel|timedwait(_cp)?|clone3?|wait)$/,
  /^_*(GI_+)?futex_/,
  /\bfutex::(futex_wait|futex_wait_timeout)\b|::futex_wait$/,
  /\bfutex\b.*\b(Mutex::lock|Condvar::\w+)$/,
  /\bparking_lot_core\b|\bThreadParker\b|\bparking_lot::/,
  /\babsl::.*\b(\w*Waiter|PerThreadSem|Futex|Mutex::(Block|DecrementSynchSem))\b|^AbslInternalPerThreadSemWait/,
  /^\(unknown\)$/,
]

/** Their threads wait on words of their own, not on a lock's: parking_lot's, abseil's. */
const PARKS = /\bparking_lot|\bPerThreadSem|^AbslInternalPerThreadSem/

/** Whether a thread with that function on its stack waits on a word that says nothing of what for. */
export function parksItself(name: string): boolean {
  return PARKS.test(name)
}

/** What a function waits for; null for one that is not known to. */
export function waitByFunction(name: string): Wait | null {
  const found = WAITS.find(([pattern]) => pattern.test(name))
  return found ? { kind: found[1], state: found[2] } : null
}

/** Whether the functions that call it may still tell. */
export function isHelper(name: string): boolean {
  return HELPERS.some((pattern) => pattern.test(name))
}
