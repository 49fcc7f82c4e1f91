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
  const waits = source.within('native-wait').filter(({ kind }) => LOCKS.includes(kind))
  const blocked = source.within('blocked').filter(({ state }) => state === 'contended')
  const samples = waits.length > 0 ? waits : blocked
  const unlocks = source.within('native-unlock')
  const holders = waits.length > 0 ? [] : source.within('holder')
  const known = holders.filter(({ tid }) => tid > 0)
  const isWrong = ({ stack }: { stack?: number | undefined }) => {
    const frames = source.stack(stack).filter(isApplication)
    return frames.length > 0 && !frames.some((frame) => isFunction(frame, TAKER))
  }
  const looks = waits.length > 0 ? unlocks : holders
  const rightly = waits.length > 0 ? unlocks.filter((unlock) => isTaker(source, unlock)) : known
  return {
    named: count(samples.filter((sample) => isTaker(source, sample))) / count(samples),
    holder: count(looks) > 0 && count(rightly) > 0 ? count(rightly) / count(looks) : null,
    wrong: count(looks) > 0 ? count((waits.length > 0 ? unlocks : known).filter(isWrong)) / count(looks) : 0,
  }
}

function isTaker(source: Source, { stack }: { stack?: number | undefined }): boolean {
  const frames = source.stack(stack).filter(isApplication)
  const taker = frames.findIndex((frame) => isFunction(frame, TAKER))
  return taker >= 0 && isFunction(frames[taker + 1] ?? '', CALLER)
}

/** With or without its namespace. */
function isFunction(frame: string, name: string): boolean {
  return functionName(frame).split(/::|\(/).includes(name)
}

function count(records: readonly { n: number }[]): number {
  return records.reduce((sum, { n }) => sum + n, 0)
}
