import type { RecordOf } from '../recording/schema.ts'
import { addStack, createTree } from '../stacks/call-tree.ts'
import type { CallTree } from '../stacks/call-tree.ts'
import type { Milliseconds } from '../units.ts'
import { ATOMICS_WAIT, shownFrame } from './frames.ts'
import type { Source } from './index-records.ts'
import type { Profiles } from './signals.ts'
import { findSyncCalls } from './sync-calls.ts'
import { onCpuTrees } from './on-cpu.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import { queuedShare } from './thread-samples.ts'
import type { ThreadSamples } from './thread-samples.ts'
import { stepAt, type TimeSteps } from './time-steps.ts'

/** One sample of a thread: it stood in `stack` (root first) from `t` on for `ms`. */
export interface ProfileSample {
  t: Milliseconds
  ms: Milliseconds
  stack: readonly string[]
}

/** Time not spent in the target's code. */
const NOT_RUNNING = new Set(['(idle)'])

/** All samples of each profiled thread, in time order, over the whole recording. */
export function profileSamples(source: Source): Map<string, ProfileSample[]> {
  const threads = new Map<string, ProfileSample[]>()
  for (const piece of source.of('profile')) {
    const samples = threads.get(threadKey(piece)) ?? []
    threads.set(threadKey(piece), samples)
    const stacks = stacksOf(piece, source.text)
    let t = piece.from
    piece.samples.forEach((node, i) => {
      t += (piece.deltasUs[i] ?? 0) / 1000
      const ms = (piece.deltasUs[i + 1] ?? 0) / 1000
      samples.push({ t, ms: ms > 0 ? ms : 0, stack: stacks(node) })
    })
  }
  for (const samples of threads.values()) samples.sort((a, b) => a.t - b.t)
  return threads
}

/**
 * CPU call trees by thread, of V8's samples and of perf's, and the synchronous calls of serving main threads; null without a CPU
 * profile. With `steps` the trees tell each part of the recording apart.
 */
export function readProfiles(
  source: Source,
  samples: ReadonlyMap<string, ProfileSample[]>,
  scheduling: ReadonlyMap<string, ThreadSamples>,
  steps: TimeSteps | null = null,
): Profiles | null {
  const native = onCpuTrees(source, steps)
  if (samples.size === 0 && native.length === 0) return null
  const roleOf = nameThreads(source)
  const [from, to] = source.window
  const threads: Profiles['threads'] = native
  const syncCalls: Profiles['syncCalls'] = []
  for (const [key, all] of samples) {
    const [pid = 0, tid = 0] = key.split('/').map(Number)
    const { group, nodeMain } = roleOf({ pid, tid })
    const inWindow = all.filter((sample) => sample.t > from && sample.t <= to)
    const running = withoutQueue(inWindow, scheduling.get(key))
    threads.push({ pid, tid, group, main: nodeMain, tree: cpuTree(running, steps) })
    if (nodeMain) syncCalls.push(...findSyncCalls(pid, running))
  }
  return {
    sampleMs: samples.size > 0 ? mainSampleMs(source, (thread) => roleOf(thread).nodeMain) : 0,
    threads,
    syncCalls: syncCalls.toSorted((a, b) => b.seconds - a.seconds),
  }
}

/** The longest interval at which a main thread was sampled: one that has workers is less often. */
function mainSampleMs(source: Source, isMain: (thread: { pid: number; tid: number }) => boolean): Milliseconds {
  const of = source.of('profile').filter(isMain)
  const given = source.header.options.cpuProfileMs ?? 0
  return of.reduce((longest, { everyMs = given }) => Math.max(longest, everyMs), given)
}

/** The samples' time less what of it the thread stood in the run queue, which the wall clock counts to whatever it was about to do. */
function withoutQueue(samples: readonly ProfileSample[], thread: ThreadSamples | undefined): readonly ProfileSample[] {
  if (!thread) return samples
  return samples.map((sample) => ({ ...sample, ms: sample.ms * (1 - queuedShare(thread, sample.t)) }))
}

/** Samples on CPU: neither idle nor blocked in Atomics.wait, which V8's wall clock would count as its caller's time. */
function cpuTree(samples: readonly ProfileSample[], steps: TimeSteps | null): CallTree {
  const tree = createTree()
  for (const { t, stack, ms } of samples) {
    const leaf = stack.at(-1)
    if (leaf !== undefined && !NOT_RUNNING.has(leaf) && leaf !== ATOMICS_WAIT)
      addStack(tree, stack, ms, steps ? stepAt(steps, t) : undefined)
  }
  return tree
}

/** Root-first stack of a node id, memoised. */
function stacksOf(piece: RecordOf<'profile'>, text: (id: number) => string): (node: number) => readonly string[] {
  const nodes = new Map(piece.nodes.map(([id, parent, frame]) => [id, { parent, frame }]))
  const known = new Map<number, readonly string[]>()
  const find = (id: number, depth: number): readonly string[] => {
    const done = known.get(id)
    if (done) return done
    const node = nodes.get(id)
    if (!node || depth > 512) return []
    const above = find(node.parent, depth + 1)
    const frame = text(node.frame)
    const shown = frame === '(root)' ? null : shownFrame(frame, above.at(-1))
    const stack = shown === null ? above : [...above, shown]
    known.set(id, stack)
    return stack
  }
  return (id) => find(id, 0)
}
