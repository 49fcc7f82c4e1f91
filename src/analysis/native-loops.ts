import type { RecordOf } from '../recording/schema.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { nativeShares, type ShareOf } from './native-spans.ts'
import type { LoopGroup, Loops } from './signals.ts'
import { nameThreads, threadKey } from './thread-names.ts'

const LONGEST_KEPT = 20

/** Loops of native threads by group, as the native agent counted their turns; null where there was none. */
export function readNativeLoops(source: Source): Loops | null {
  if (source.of('native-loop').length === 0) return null
  const roleOf = nameThreads(source)
  const shareOf = nativeShares(source)
  const groups = groupBy(source.of('native-loop'), (loop) => roleOf(loop).group)
  const turns = groupBy(source.within('native-turn'), (turn) => roleOf(turn).group)
  return {
    groups: [...groups]
      .map(([group, loops]) => describe(group, loops, turns.get(group) ?? [], shareOf, source))
      .filter((group) => group.turns > 0)
      .toSorted((a, b) => b.busy * b.threads - a.busy * a.threads),
    fidelity: 'exact',
  }
}

function describe(
  group: string,
  loops: readonly RecordOf<'native-loop'>[],
  turns: readonly RecordOf<'native-turn'>[],
  shareOf: ShareOf,
  source: Source,
): LoopGroup {
  const inWindow = loops.filter((loop) => shareOf(loop) > 0)
  const sum = (field: 'turns' | 'ms' | 'over10Ms') =>
    inWindow.reduce((total, loop) => total + loop[field] * shareOf(loop), 0)
  const threads = new Set(inWindow.map(threadKey)).size
  const longest = turns
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, LONGEST_KEPT)
    .map(({ t, ms, pid, tid }) => ({ t, ms, pid, tid }))
  return {
    group,
    threads,
    poll: inWindow.some(({ poll }) => poll === 'epoll') ? 'epoll' : 'poll',
    turns: Math.round(sum('turns')),
    busy: Math.min(1, sum('ms') / Math.max(1, threads) / source.windowMs),
    // Long turns are known to the nanosecond, the others by their bucket.
    turnMs: quantiles(mergeHistograms(inWindow.map(({ turnMs }) => turnMs)), longest[0]?.ms),
    over10Ms: Math.round(sum('over10Ms')),
    longest,
  }
}
