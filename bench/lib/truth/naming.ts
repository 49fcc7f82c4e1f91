import { functionName, isApplication } from '../../../src/analysis/frames.ts'
import type { Source } from '../../../src/analysis/index-records.ts'
import type { Ratio } from '../../../src/units.ts'

/** What was said of each lock sample, of those in the window. */
export interface Naming {
  /** Both the function that takes the lock and its caller. */
  named: Ratio
  /** Who held it; null where the tier has nothing to know it by. */
  holder: Ratio | null
  /** Who held it, but not by the function that does. */
  wrong: Ratio
}

const TAKER = 'work_locked'
const CALLER = 'hold_forever'
const LOCKS: readonly string[] = ['mutex', 'futex-lock', 'rwlock-read', 'rwlock-write']

/** Of the programs that hold a mutex in `work_locked`, called by `hold_forever`. */
export function namingOf(source: Source): Naming {
  const counted = source.within('native-wait').filter(({ kind }) => LOCKS.includes(kind))
  const isCounted = counted.length > 0
  const samples = isCounted ? counted : source.within('blocked').filter(({ state }) => state === 'contended')
  const looks = isCounted ? source.within('native-unlock') : source.within('holder')
  const known = isCounted ? looks : source.within('holder').filter(({ tid }) => tid > 0)
  const named = samples.filter((sample) => isTakerAndCaller(framesOf(source, sample)))
  const wrong = known.map((look) => framesOf(source, look)).filter((frames) => frames.length > 0 && !isHolder(frames))
  return {
    named: count(named) / count(samples),
    holder: count(known) > 0 ? count(known) / count(looks) : null,
    wrong: known.length > 0 ? wrong.length / known.length : 0,
  }
}

function framesOf(source: Source, { stack }: { stack?: number | undefined }): string[] {
  return source.stack(stack).filter(isApplication)
}

function isTakerAndCaller(frames: readonly string[]): boolean {
  const taker = frames.findIndex((frame) => isFunction(frame, TAKER))
  return taker >= 0 && isFunction(frames[taker + 1] ?? '', CALLER)
}

/** The caller too: where the last thing that a function does is to give the lock back, it has left its own frame by then. */
function isHolder(frames: readonly string[]): boolean {
  return frames.some((frame) => isFunction(frame, TAKER) || isFunction(frame, CALLER))
}

/** With or without its namespace. */
function isFunction(frame: string, name: string): boolean {
  return functionName(frame).split('::').at(-1) === name
}

function count(records: readonly { n: number }[]): number {
  return records.reduce((sum, { n }) => sum + n, 0)
}
