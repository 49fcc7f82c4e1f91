import type { FutexCall, FutexWait } from '../native/futex.ts'
import type { ProcessMemory } from '../native/process-memory.ts'
import type { Bytes } from '../../units.ts'

/** glibc's pthread_mutex_t: lock, count, owner, users, kind (struct_mutex.h). */
const MUTEX_OWNER: Bytes = 8
/** glibc's pthread_rwlock_t: the sixth word after two of padding is the current writer (struct_rwlock.h). */
const RWLOCK_WRITER: Bytes = 24
const GLIBC_MUTEX_OP = 0x80
const GLIBC_RWLOCK_OP = 0x189

/**
 * The thread that glibc's lock says holds it, 0 where it says none (it was just released, or readers hold it); null for locks that
 * do not say: those of Rust, musl's plain ones, and glibc's own, which have no owner's field.
 */
export function readOwner(call: FutexCall, wait: FutexWait, isPthread: boolean, memory: ProcessMemory): number | null {
  const offset = ownerOffset(call, wait, isPthread)
  if (offset === null) return null
  const word = Buffer.alloc(4)
  return memory.read(wait.lock + offset, word) === word.length ? word.readInt32LE() : null
}

function ownerOffset({ op, value }: FutexCall, { kind, state }: FutexWait, isPthread: boolean): Bytes | null {
  if (state !== 'contended' || !isPthread) return null
  if (kind === 'mutex' && op === GLIBC_MUTEX_OP && value === 2) return MUTEX_OWNER
  return kind === 'rwlock' && op === GLIBC_RWLOCK_OP ? RWLOCK_WRITER : null
}
