import type { RecordOf } from '../recording/schema.ts'
import { addStack, createTree, heaviestStacks } from '../stacks/call-tree.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import { groupBy } from './group-by.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import { overlap } from './overlap.ts'
import type { ProfileSample } from './profiles.ts'
import type { EventLoop, Stall } from './signals.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import { scheduled } from './thread-samples.ts'
import type { ThreadSamples } from './thread-samples.ts'

const STALL_MS = 50
const STACKS_KEPT = 3

/** The loops of main threads; of several the one that serves, or else works, most speaks for the target. */
export function readEventLoop(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  samples: ReadonlyMap<string, ProfileSample[]>,
): EventLoop | null {
  const roleOf = nameThreads(source)
  const loops = groupBy(
    source.within('loop').filter((record) => roleOf(record).nodeMain),
    threadKey,
  )
  if (loops.size === 0) return null
  const collections = groupBy(source.of('gc'), threadKey)
  const stalls = source
    .within('stall')
    .filter((stall) => loops.has(threadKey(stall)))
    .map((stall) => {
      const thread = threadKey(stall)
      return explainStall(stall, collections.get(thread) ?? [], samples.get(thread) ?? [])
    })
    .toSorted((a, b) => a.t - b.t)
  const requests = requestsByLoop(source, loops)
  const busiest = busiestLoop(source, { loops, requests, threads })
  const records = loops.get(busiest) ?? []
  const own = stalls.filter((stall) => busiest === `${stall.pid}/${stall.pid}`)
  const thread = threads.get(busiest)
  const turns = mergeHistograms(records.map((record) => record.delays))
  return {
    turnMs: quantiles(
      turns,
      own.reduce((longest, { ms }) => Math.max(longest, ms), turns.at(-1)?.[0] ?? 0),
    ),
    utilization: meanUtilization(records),
    mainThreadCpu: thread ? scheduled(thread, source.window).cpuMs / source.windowMs : null,
    requestShare: shareOf(busiest, requests),
    stallsOver50Ms: own.length,
    blockedSeconds: own.reduce((sum, stall) => sum + stall.ms, 0) / 1000,
    stalls,
    // A stall begins between two ticks of a 10 ms timer.
    fidelity: 'sampled',
  }
}

function requestsByLoop(source: Source, loops: ReadonlyMap<string, unknown>): Map<string, number> {
  const requests = new Map<string, number>()
  for (const http of source.within('http')) {
    const key = threadKey(http)
    if (loops.has(key)) requests.set(key, (requests.get(key) ?? 0) + http.started)
  }
  return requests
}

/** All, where none was seen. */
function shareOf(loop: string, requests: ReadonlyMap<string, number>): Ratio {
  const all = [...requests.values()].reduce((sum, n) => sum + n, 0)
  return all > 0 ? (requests.get(loop) ?? 0) / all : 1
}

function busiestLoop(
  source: Source,
  {
    loops,
    requests,
    threads,
  }: {
    loops: ReadonlyMap<string, unknown>
    requests: ReadonlyMap<string, number>
    threads: ReadonlyMap<string, ThreadSamples>
  },
): string {
  const cpu = (key: string) => {
    const thread = threads.get(key)
    return thread ? scheduled(thread, source.window).cpuMs : 0
  }
  const order = (a: string, b: string) => (requests.get(b) ?? 0) - (requests.get(a) ?? 0) || cpu(b) - cpu(a)
  return [...loops.keys()].toSorted(order)[0] ?? ''
}

function meanUtilization(records: readonly RecordOf<'loop'>[]): number | null {
  let ms = 0
  let active = 0
  for (const record of records) {
    if (record.utilization === null) return null
    ms += record.ms
    active += record.ms * record.utilization
  }
  return ms > 0 ? active / ms : null
}

/** What the thread did in a stall. */
function explainStall(
  stall: RecordOf<'stall'>,
  collections: readonly RecordOf<'gc'>[],
  samples: readonly ProfileSample[],
): Stall {
  const span = [stall.t - stall.ms, stall.t] as const
  let gcMs = 0
  for (let i = firstAfter(collections, span[0]); i < collections.length; i++) {
    const { t, long } = collections[i] as RecordOf<'gc'>
    for (const [end, ms] of long) gcMs += overlap([end - ms, end], span)
    // Of those that a record tells of the first ended after the record before.
    if (t > span[1] && long.some(([end, ms]) => end - ms > span[1])) break
  }
  const { t, ms, pid, cpuMs, queuedMs, beatMs } = stall
  return {
    t,
    ms,
    pid,
    cpuMs,
    queuedMs,
    gcMs,
    cause: causeOf(ms, cpuMs, queuedMs, beatMs, gcMs),
    stacks: stacksIn(span, samples),
  }
}

/** Without the time it waited for a core a stall is the thread's own; what fills most of that is its cause. */
function causeOf(
  ms: Milliseconds,
  cpuMs: number | null,
  queuedMs: number | null,
  beatMs: Milliseconds,
  gcMs: Milliseconds,
): Stall['cause'] {
  const own = ms - (queuedMs ?? 0)
  if (own < STALL_MS * 0.9) return 'stolen'
  if (gcMs >= own / 2) return 'gc'
  if (cpuMs === null) return 'unknown'
  const blocked = beatMs - cpuMs - (queuedMs ?? 0)
  return cpuMs >= blocked ? 'cpu' : 'blocked'
}

/** Index of the first with a later time, of some in time order: a recording of hours has a million, and thousands of stalls. */
function firstAfter(timed: readonly { t: Milliseconds }[], t: Milliseconds): number {
  let low = 0
  let high = timed.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timed[middle]?.t ?? Infinity) > t) high = middle
    else low = middle + 1
  }
  return low
}

function stacksIn(span: readonly [Milliseconds, Milliseconds], samples: readonly ProfileSample[]): Stall['stacks'] {
  const tree = createTree()
  // They follow each other: one that began before may last into the stall.
  for (let i = Math.max(0, firstAfter(samples, span[0]) - 1); i < samples.length; i++) {
    const { t, ms, stack } = samples[i] as ProfileSample
    if (t > span[1]) break
    const within = overlap([t, t + ms], span)
    if (within > 0 && stack.at(-1) !== '(idle)') addStack(tree, stack, within)
  }
  return heaviestStacks(tree, STACKS_KEPT).map(({ stack, weight }) => ({ stack, share: weight / tree.total }))
}
