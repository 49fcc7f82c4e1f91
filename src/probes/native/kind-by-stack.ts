import type { RecordOf } from '../../recording/schema.ts'
import { isHelper, waitByFunction } from './wait-functions.ts'

type Kind = RecordOf<'native-wait'>['kind']

const PLACE = / \(([^()]*)\)$/
/** Source files of what waits, and of std: inlined functions have names without their module. */
const HELPER_FILE = /\/(parking_lot|parking_lot_core|lock_api)-\d|\/library\/(std|core)\/src\//
const READS = /read|shared|rdlock|::rd_wait/
/** Rust's std, whose waits the agent tells by the words of the call. */
const STD = /^<?std::(sys|sync|thread)\b|\/library\/(std|core)\/src\//
/** A frame without a function's name. */
const NAMELESS = /^0x[\da-f]+$|\+0x[\da-f]+$|^\([^()]*\)$/
/** Of GLib's functions that wait only its mutex' has no name where it is stripped. */
const GLIB_MUTEX = /^0x[\da-f]+ \(libglib-2\.0\.so/
/** Waits of which the call alone does not say for certain what for. */
const BY_STACK: readonly Kind[] = ['park', 'futex-lock', 'futex-idle']

/**
 * What a thread waits for in a futex, by the first function up the stack that tells. Where none does, `kind` holds of what has no name and
 * of Rust's std alone: others give the word values of their own. parking_lot parks threads on words of their own for everything; a counter
 * may belong to Rust's condition variable or to the writers of its read-write lock.
 */
export function kindByStack(kind: Kind, frames: readonly string[]): Kind {
  if (!BY_STACK.includes(kind)) return kind
  let holds = false
  for (const frame of frames) {
    const name = frame.replace(PLACE, '')
    const wait = waitByFunction(name)
    if (wait?.state === 'idle') return 'futex-idle'
    if (wait?.kind === 'rwlock') return READS.test(name) ? 'rwlock-read' : 'rwlock-write'
    if (wait?.state === 'contended' || GLIB_MUTEX.test(frame)) return 'futex-lock'
    const isNameless = NAMELESS.test(name)
    holds ||= isNameless || STD.test(frame)
    if (!isNameless && !isHelper(name) && !HELPER_FILE.test(frame)) return holds ? kind : 'park'
  }
  return kind
}
