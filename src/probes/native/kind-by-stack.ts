import type { RecordOf } from '../../recording/schema.ts'
import { isHelper, waitByFunction } from './wait-functions.ts'

type Kind = RecordOf<'native-wait'>['kind']

const PLACE = / \(([^()]*)\)$/
/** Source files of what waits, and of std: inlined functions have names without their module. */
const HELPER_FILE = /\/(parking_lot|parking_lot_core|lock_api)-\d|\/library\/(std|core)\/src\//
const READS = /read|shared|rdlock/
/** Waits of which the call alone does not say for certain what for. */
const BY_STACK: readonly Kind[] = ['park', 'futex-lock', 'futex-idle']

/**
 * What a thread waits for in a futex, by the first function up the stack that tells; `kind` where none does. parking_lot parks threads
 * on words of their own for everything; a counter may belong to Rust's condition variable or to the writers of its read-write lock.
 */
export function kindByStack(kind: Kind, frames: readonly string[]): Kind {
  if (!BY_STACK.includes(kind)) return kind
  for (const frame of frames) {
    const name = frame.replace(PLACE, '')
    const wait = waitByFunction(name)
    if (wait?.state === 'idle') return 'futex-idle'
    if (wait?.kind === 'rwlock') return READS.test(name) ? 'rwlock-read' : 'rwlock-write'
    if (wait?.state === 'contended') return 'futex-lock'
    if (!isHelper(name) && !HELPER_FILE.test(frame)) return kind
  }
  return kind
}
