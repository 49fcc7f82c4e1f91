import type { RecordOf } from '../../recording/schema.ts'
import { isHelper, waitByFunction } from './wait-functions.ts'

const PLACE = / \(([^()]*)\)$/
/** Source files of what waits, and of std: inlined functions have names without their module. */
const HELPER_FILE = /\/(parking_lot|parking_lot_core|lock_api)-\d|\/library\/(std|core)\/src\//

/**
 * What a thread that parks on a word of its own waits for, as parking_lot's do for everything, by the first function up
 * the stack that tells; `park` where none does.
 */
export function kindOfPark(frames: readonly string[]): RecordOf<'native-wait'>['kind'] {
  for (const frame of frames) {
    const name = frame.replace(PLACE, '')
    const wait = waitByFunction(name)
    if (wait?.state === 'contended') return wait.kind === 'rwlock' ? 'rwlock-write' : 'futex-lock'
    if (wait?.state === 'idle') return 'futex-idle'
    if (!isHelper(name) && !HELPER_FILE.test(frame)) return 'park'
  }
  return 'park'
}
