import type { Milliseconds } from '../units.ts'
import { growth } from './counters.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import type { ThreadGroup, ThreadState } from './signals.ts'
import { threadKey } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'
import { unseenTime } from './unseen-time.ts'
import { blockedState } from './wait-states.ts'

const NEVER: ThreadSamples['states'][number] = [0, '', '']

type Split = Record<ThreadState, Milliseconds>

function emptySplit(): Split {
  return { onCpu: 0, runnable: 0, lockWait: 0, idleWait: 0, ioWait: 0, sleeping: 0, unknown: 0 }
}

/**
 * Wall time of every thread in the window, split by state: on CPU and runnable as the scheduler counted them, the rest by
 * what the thread was blocked in when it was looked at. Lock waits of threads with an agent come from it
 * (`lockWaitMs` by `pid/tid`), for the kernel shows the same futex for a lock and for an idle worker.
 */
export function splitThreadTime(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  lockWaitMs: ReadonlyMap<string, Milliseconds>,
): ThreadGroup[] {
  const counted = new Set(source.of('native').map(({ pid }) => pid))
  const groups = new Map<string, { threads: number; split: Split }>()
  const addTo = (name: string, split: Split, count: number) => {
    const group = groups.get(name) ?? { threads: 0, split: emptySplit() }
    groups.set(name, group)
    group.threads += count
    for (const state of Object.keys(split) as ThreadState[]) group.split[state] += split[state]
  }
  for (const [pid, own] of groupBy(threads.values(), (thread) => thread.pid)) {
    const seen = { ms: 0, cpuMs: 0 }
    for (const thread of own) {
      const { nodeMain, nodeWorker, group } = thread.role
      const split = splitThread(thread, source.window, nodeMain || nodeWorker || counted.has(pid))
      if (total(split) === 0) continue
      seen.ms += total(split)
      seen.cpuMs += split.onCpu
      moveLockWait(split, lockWaitMs.get(threadKey(thread)) ?? 0)
      addTo(group, split, 1)
    }
    const unseen = unseenTime(source, pid, own, seen, counted.has(pid))
    if (!unseen) continue
    const split = { ...emptySplit(), ...unseen.ms }
    moveLockWait(split, lockWaitOfGone(source, pid))
    addTo(unseen.group ?? 'threads that came and went', split, unseen.threads)
  }
  return [...groups]
    .map(([group, { threads, split }]) => ({ group, threads, seconds: inSeconds(split) }))
    .toSorted((a, b) => busy(b.seconds) - busy(a.seconds))
}

/** `counted`: its futex waits are idle until the agent says otherwise. */
function splitThread(
  thread: ThreadSamples,
  [from, to]: readonly [Milliseconds, Milliseconds],
  counted: boolean,
): Split {
  const split = emptySplit()
  const usual = usualState(thread, counted)
  for (let i = 1; i < thread.states.length; i++) {
    const [t0, stateBefore, waitBefore] = thread.states[i - 1] ?? NEVER
    const [t1, stateAfter, waitAfter] = thread.states[i] ?? NEVER
    const overlap = Math.min(t1, to) - Math.max(t0, from)
    if (overlap <= 0 || t1 <= t0) continue
    const share = overlap / (t1 - t0)
    const onCpu = step(thread.cpu, i) * share
    const runnable = step(thread.queued, i) * share
    // Ticks of the counters and of our clock differ a little: never count more than the time there was.
    const scale = Math.min(1, overlap / Math.max(onCpu + runnable, 1e-9))
    split.onCpu += onCpu * scale
    split.runnable += runnable * scale
    const blocked = overlap - (onCpu + runnable) * scale
    split[blockedState(stateBefore, waitBefore, counted) ?? usual] += blocked / 2
    split[blockedState(stateAfter, waitAfter, counted) ?? usual] += blocked / 2
  }
  return split
}

function step(counter: readonly (readonly [number, number])[], i: number): number {
  return Math.max(0, (counter[i]?.[1] ?? 0) - (counter[i - 1]?.[1] ?? 0))
}

/** What a thread that was seen running at both ends of a gap was most likely blocked in between: what it mostly is. */
function usualState(thread: ThreadSamples, counted: boolean): ThreadState {
  const counts = new Map<ThreadState, number>()
  for (const [, state, wait] of thread.states) {
    const blocked = blockedState(state, wait, counted)
    if (blocked) counts.set(blocked, (counts.get(blocked) ?? 0) + 1)
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown'
}

/** Takes a measured lock wait out of what looked idle. */
function moveLockWait(split: Split, lockWaitMs: Milliseconds): void {
  for (const from of ['idleWait', 'unknown', 'ioWait', 'sleeping'] as const) {
    const moved = Math.min(split[from], lockWaitMs)
    split[from] -= moved
    split.lockWait += moved
    lockWaitMs -= moved
  }
}

/** Lock waits of threads that are gone, as the native agent counted them. */
function lockWaitOfGone(source: Source, pid: number): Milliseconds {
  const records = source.of('native-threads').filter((record) => record.pid === pid)
  return growth(
    records.map(({ t, exited: [lockMs] }) => [t, lockMs] as const),
    source.window,
  )
}

function total(split: Split): Milliseconds {
  return Object.values(split).reduce((sum, ms) => sum + ms, 0)
}

function inSeconds(split: Split): ThreadGroup['seconds'] {
  return Object.fromEntries(Object.entries(split).map(([state, ms]) => [state, ms / 1000])) as ThreadGroup['seconds']
}

function busy(seconds: ThreadGroup['seconds']): number {
  return seconds.onCpu + seconds.runnable + seconds.lockWait
}
