import type { RecordOf } from '../recording/schema.ts'
import { functionName } from './frames.ts'
import { isGil } from './gil.ts'
import type { Source } from './index-records.ts'
import { judgeSemaphores, semaphoreKey } from './semaphores.ts'
import type { Lock } from './signals.ts'

type NativeWait = RecordOf<'native-wait'>

export type WaitKind = Pick<Lock, 'kind' | 'role' | 'because'>

/** By what was waited for; semaphores and parks of unknown purpose are neither a lock's nor idle. */
const KINDS: Readonly<Record<NativeWait['kind'], WaitKind>> = {
  mutex: { kind: 'mutex', role: 'lock', because: 'pthread_mutex_lock found it taken' },
  'futex-lock': { kind: 'mutex', role: 'lock', because: 'its lock function found it taken' },
  'rwlock-read': { kind: 'rwlock', role: 'lock', because: 'a reader found a writer there' },
  'rwlock-write': { kind: 'rwlock', role: 'lock', because: 'a writer found others there' },
  condition: { kind: 'mutex', role: 'idle', because: 'a condition variable: a wait for work' },
  join: { kind: 'mutex', role: 'idle', because: 'a wait for the end of a thread' },
  'futex-idle': { kind: 'mutex', role: 'idle', because: 'a condition variable or a parked thread: a wait for work' },
  semaphore: { kind: 'mutex', role: 'unclassified', because: 'a semaphore may guard something or announce work' },
  park: { kind: 'mutex', role: 'unclassified', because: 'a parked thread, and no function of its stack says why' },
}
/** What the agent's table had no room for is counted together, by kind: many locks, not one. */
const OVERFLOW: WaitKind = {
  kind: 'mutex',
  role: 'unclassified',
  because: "waits for several locks: the agent's table was full",
}
/** PostgreSQL's: each process waits for any of them at the one semaphore that it has. */
const LIGHTWEIGHT: WaitKind = { kind: 'mutex', role: 'lock', because: 'LWLockAcquire found it taken' }
const TAKES_LIGHTWEIGHT = /^LWLock(Acquire|AcquireOrWait|WaitForVar)$/
const GIL: WaitKind = { kind: 'gil', role: 'lock', because: 'the functions that take it' }

/** What each wait was for, by its kind, and where that does not say it by how the program used what it waited for. */
export function waitKinds(source: Source): (wait: NativeWait) => WaitKind {
  const semaphores = judgeSemaphores(source)
  const python = new Set(source.of('process').flatMap(({ pid, runtime }) => (runtime === 'python' ? [pid] : [])))
  return (wait) => {
    if (python.has(wait.pid) && isGil(wait.kind, source.stack(wait.stack))) return GIL
    if (wait.lock === undefined && wait.stack === undefined && KINDS[wait.kind].role === 'lock') return OVERFLOW
    if (wait.kind !== 'semaphore') return KINDS[wait.kind]
    const isLightweight = source.stack(wait.stack).some((frame) => TAKES_LIGHTWEIGHT.test(functionName(frame)))
    return isLightweight ? LIGHTWEIGHT : (semaphores.get(semaphoreKey(wait)) ?? KINDS.semaphore)
  }
}
