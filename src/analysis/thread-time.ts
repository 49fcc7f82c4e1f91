import type { Milliseconds } from '../units.ts'
import { counterOf, growth } from './counters.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import type { LockWaitIn } from './lock-wait-steps.ts'
import type { ThreadGroup, ThreadState, ThreadTimeSteps } from './signals.ts'
import { livedCounter } from './thread-lifetime.ts'
import { toldByRuntime } from './told-by-runtime.ts'
import { threadKey } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'
import { emptySplit, moveLockWait, type Span, type Split, splitThread } from './thread-split.ts'
import { unseenTime } from './unseen-time.ts'

/** Groups that a chart of them can show apart. */
const GROUPS_APART = 12
const OTHERS = 'other groups'

interface GroupSplits {
  threads: number
  splits: Split[]
}

/**
 * Wall time of every thread in the window, split by state. Lock waits of threads with an agent come from it (`lockWaitMs` by
 * `pid/tid`), for the kernel shows the same futex for a lock and for an idle worker.
 */
export function splitThreadTime(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  lockWaitMs: ReadonlyMap<string, Milliseconds>,
): ThreadGroup[] {
  const groups = splitGroups(source, threads, (thread) => lockWaitMs.get(thread) ?? 0, [source.window])
  return [...groups]
    .map(([group, { threads, splits }]) => ({ group, threads, seconds: inSeconds(splits[0] ?? emptySplit()) }))
    .toSorted((a, b) => busy(b.seconds) - busy(a.seconds))
}

/** The same in each of the spans; a state that a group never was in is left out. */
export function threadTimeBySpan(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  lockWaitIn: LockWaitIn,
  spans: readonly Span[],
): ThreadTimeSteps {
  const groups = [...splitGroups(source, threads, lockWaitIn, spans)].map(([group, { splits }]) => ({ group, splits }))
  const weight = ({ splits }: (typeof groups)[number]) => splits.reduce((sum, split) => sum + busy(split), 0)
  const ranked = groups.toSorted((a, b) => weight(b) - weight(a))
  const rest = ranked.slice(GROUPS_APART - 1)
  const shown =
    ranked.length <= GROUPS_APART
      ? ranked
      : [...ranked.slice(0, GROUPS_APART - 1), { group: OTHERS, splits: spans.map((_, i) => sumOf(rest, i)) }]
  return shown.map(({ group, splits }) => {
    const states = Object.keys(emptySplit()) as ThreadState[]
    const series = states.map((state) => [state, splits.map((split) => Math.round(split[state]) / 1000)] as const)
    return { group, seconds: Object.fromEntries(series.filter(([, values]) => values.some((value) => value > 0))) }
  })
}

function splitGroups(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  lockWaitIn: LockWaitIn,
  spans: readonly Span[],
): Map<string, GroupSplits> {
  const counted = new Set([...source.of('native').map(({ pid }) => pid), ...toldByRuntime(source).keys()])
  const groups = new Map<string, GroupSplits>()
  const groupOf = (name: string): GroupSplits => {
    let group = groups.get(name)
    if (!group) groups.set(name, (group = { threads: 0, splits: spans.map(emptySplit) }))
    return group
  }
  for (const [pid, own] of groupBy(threads.values(), (thread) => thread.pid)) {
    const seen = spans.map(() => ({ ms: 0, cpuMs: 0 }))
    const lived = livedCounter(source, pid)
    for (const thread of own) {
      const { nodeMain, nodeWorker, group } = thread.role
      const splits = splitThread(thread, spans, nodeMain || nodeWorker || counted.has(pid))
      if (splits.every((split) => total(split) === 0)) continue
      const into = groupOf(group)
      into.threads++
      splits.forEach((split, i) => {
        const sum = seen[i] ?? { ms: 0, cpuMs: 0 }
        sum.ms += total(split)
        sum.cpuMs += split.onCpu
        moveLockWait(split, lockWaitIn(threadKey(thread), i))
        add(into.splits[i], split)
      })
    }
    spans.forEach((span, i) => {
      const within = { ...source, window: span }
      const unseen = unseenTime(within, pid, own, seen[i] ?? { ms: 0, cpuMs: 0 }, counted.has(pid), lived)
      if (!unseen) return
      const split = { ...emptySplit(), ...unseen.ms }
      moveLockWait(split, lockWaitOfGone(within, pid))
      const into = groupOf(unseen.group ?? 'unseen')
      into.threads += unseen.threads
      add(into.splits[i], split)
    })
  }
  return groups
}

/** Lock waits of threads that are gone, as the native agent counted them. */
function lockWaitOfGone(source: Source, pid: number): Milliseconds {
  const records = source.of('native-threads').filter((record) => record.pid === pid)
  return growth(counterOf(records.map(({ t, exited: [lockMs] }) => [t, lockMs])), source.window)
}

function sumOf(groups: readonly { splits: readonly Split[] }[], i: number): Split {
  const sum = emptySplit()
  for (const { splits } of groups) add(sum, splits[i] ?? emptySplit())
  return sum
}

function add(into: Split | undefined, split: Split): void {
  if (into) for (const state of Object.keys(split) as ThreadState[]) into[state] += split[state]
}

function total(split: Split): Milliseconds {
  return Object.values(split).reduce((sum, ms) => sum + ms, 0)
}

function inSeconds(split: Split): ThreadGroup['seconds'] {
  return Object.fromEntries(Object.entries(split).map(([state, ms]) => [state, ms / 1000])) as ThreadGroup['seconds']
}

function busy({ onCpu, runnable, lockWait }: Record<ThreadState, number>): number {
  return onCpu + runnable + lockWait
}
