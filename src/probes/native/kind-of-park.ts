import type { RecordOf } from '../../recording/schema.ts'
import { isHelper, waitByFunction } from './wait-functions.ts'

const FUNCTION = / \(.*$/

/**
 * What a thread that parks on a word of its own waits for, as parking_lot's do for everything, by the first function up
 * the stack that tells; `park` where none does.
 */
export function kindOfPark(frames: readonly string[]): RecordOf<'native-wait'>['kind'] {
  for (const frame of frames) {
    const name = frame.replace(FUNCTION, '')
    const wait = waitByFunction(name)
    if (wait?.state === 'contended') return wait.kind === 'rwlock' ? 'rwlock-write' : 'futex-lock'
    if (wait?.state === 'idle') return 'futex-idle'
    if (!isHelper(name)) return 'park'
  }
  return 'park'
}
