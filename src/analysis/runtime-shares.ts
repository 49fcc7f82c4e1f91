import type { Milliseconds, Ratio } from '../units.ts'
import type { Source } from './index-records.ts'
import { shareWithin } from './overlap.ts'

/** Less of the window than this says nothing of the rest. */
const COVERED: Ratio = 0.5

interface Told {
  t: Milliseconds
  from: Milliseconds
  pid: number
}

/** How records of a runtime that cover `from` to `t` count. */
export interface RuntimeShares {
  /** The share of one that lies in the window; where its probe covered less of that, by so much more as the window is longer. */
  shareOf: (record: Told) => Ratio
  /** Whether that is a sample, of goroutines or of the window. */
  isSampled: (pid: number) => boolean
}

export function runtimeShares(source: Source): RuntimeShares {
  const [from, to] = source.window
  const go = new Set(source.of('runtime').flatMap(({ pid, of }) => (of === 'go' ? [pid] : [])))
  const begun = new Map(source.of('runtime').map(({ pid, t }) => [pid, t] as const))
  // Samples of goroutines end with the last one, and there is none in which nothing waits for I/O.
  const ended = new Map(source.within('runtime-wait').flatMap(({ pid, t }) => (go.has(pid) ? [[pid, t] as const] : [])))
  const scaleOf = (pid: number) => {
    const covered = (ended.get(pid) ?? to) - Math.max(from, begun.get(pid) ?? from)
    return covered > source.windowMs * COVERED ? Math.max(1, source.windowMs / covered) : 1
  }
  return {
    shareOf: (record) => shareWithin([record.from, record.t], source.window) * scaleOf(record.pid),
    isSampled: (pid) => go.has(pid) || scaleOf(pid) > 1,
  }
}
