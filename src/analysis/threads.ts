import { estimateCreated } from './churn.ts'
import { level, sumLevels } from './counters.ts'
import { groupBy } from './group-by.ts'
import { withExits } from './processes.ts'
import { mergeHistograms, quantiles } from './histogram.ts'
import type { Source } from './index-records.ts'
import type { RunQueue, Threads, Workers } from './signals.ts'
import { windowOverSampled } from './sampler-span.ts'
import { readNativeThreads } from './native-threads.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import { scheduled } from './thread-samples.ts'
import type { ThreadSamples } from './thread-samples.ts'

const STEP_MS = 250
const SOCKETS_STEP_MS = 1000
const CREATORS_KEPT = 5

/** Threads of the target, those that holdup put in left out. */
export function readThreads(source: Source, workers: Workers | null, requests: number | null): Threads | null {
  if (source.of('threads').length === 0) return null
  const roleOf = nameThreads(source)
  const [from, to] = source.window
  const ours = new Map<number, [number, number][]>()
  for (const { pid, tid, t } of source.of('thread')) {
    if (!roleOf({ pid, tid }).ours) continue
    const exit = source.of('thread-exit').find((gone) => gone.pid === pid && gone.tid === tid)
    ours.set(pid, [...(ours.get(pid) ?? []), [t, exit?.t ?? Infinity]])
  }
  const readings = source.within('threads').map(({ t, pid, of }) => {
    const profilers = (ours.get(pid) ?? []).filter(([born, gone]) => born <= t && t < gone).length
    return { t, owner: pid, value: of - profilers }
  })
  const series = sumLevels(withExits(readings, source), STEP_MS)
  const seen = (records: readonly { t: number; pid: number; tid: number }[]) =>
    records.filter((record) => record.t > from && record.t <= to && !roleOf(record).ours).length
  const native = readNativeThreads(source)
  // Threads that live for less than a sweep are missed: the workers counted by the agent are a better lower bound.
  const uncounted = (records: readonly { t: number; pid: number; tid: number }[]) =>
    seen(records.filter(({ pid }) => !native?.pids.has(pid)))
  const lasting = Math.max(uncounted(births(source)), workers?.created ?? 0)
  const churned = estimateChurn(source, lasting, native?.pids ?? new Set())
  const created = (churned.low + churned.high) / 2 + (native?.created ?? 0)
  const exited = Math.max(uncounted(source.of('thread-exit')), workers?.exited ?? 0) + (native?.exited ?? 0)
  const { mean, peak } = level(series)
  return {
    peak,
    mean,
    created: Math.round(created),
    createdLow: Math.round(churned.low + (native?.created ?? 0)),
    createdHigh: Math.round(churned.high + (native?.created ?? 0)),
    exited: Math.round(exited),
    createdPerSecond: created / (source.windowMs / 1000),
    createdPerRequest: requests ? created / requests : null,
    lifetimeMs: native?.lifetimeMs ?? null,
    creators: native?.creators ?? [],
    growingGroup: growingGroup(source),
    series,
    sockets: readSockets(source),
    fidelity: native && source.of('threads').every(({ pid }) => native.pids.has(pid)) ? 'exact' : 'sampled',
  }
}

function growingGroup(source: Source): string | null {
  const roleOf = nameThreads(source)
  const gone = new Set(source.of('thread-exit').map(threadKey))
  const [from, to] = source.window
  const stayed = births(source).filter((birth) => birth.t > from && birth.t <= to && !gone.has(threadKey(birth)))
  const groups = [...groupBy(stayed, (sight) => roleOf(sight).group)]
  return groups.toSorted((a, b) => b[1].length - a[1].length)[0]?.[0] ?? null
}

function readSockets(source: Source): [number, number][] | null {
  const readings = source
    .within('proc')
    .flatMap(({ t, pid, sockets }) => (sockets === undefined ? [] : [{ t, owner: pid, value: sockets }]))
  return readings.length === 0 ? null : sumLevels(readings, SOCKETS_STEP_MS)
}

/** What was seen to begin, or between what bounds it is where threads came and went between two looks. */
function estimateChurn(source: Source, seen: number, counted: ReadonlySet<number>): { low: number; high: number } {
  const records = source.within('churn').filter(({ pid }) => !counted.has(pid))
  const byPid = groupBy(records, ({ pid }) => pid)
  const estimates = [...byPid.values()].map(estimateCreated).filter((estimate) => estimate !== null)
  if (estimates.length === 0) return { low: seen, high: seen }
  const scale = windowOverSampled(source)
  const sum = (bound: 'low' | 'high') => estimates.reduce((total, estimate) => total + estimate[bound], 0) * scale
  return { low: Math.max(seen, sum('low')), high: Math.max(seen, sum('high')) }
}

/** When threads began. One that names itself late has several records: the first is its birth, where it was not there before. */
function births(source: Source): { t: number; pid: number; tid: number }[] {
  const known = new Set<string>()
  return source
    .of('thread')
    .filter(({ pid, tid }) => !known.has(`${pid}/${tid}`) && known.add(`${pid}/${tid}`))
    .map(({ t, pid, tid, began }) => ({ t: began ?? t, pid, tid }))
}

/** Node workers, counted at each `new Worker`; null without the agent. */
export function readWorkers(source: Source, requests: number | null): Workers | null {
  if (source.of('node').length === 0) return null
  const births = source.within('worker-birth')
  const deaths = source.within('worker-death')
  const born = new Set(source.of('worker-birth').map(({ pid, worker }) => `${pid} ${worker}`))
  // Those that were there before the agent.
  let live = source.of('node').filter(({ pid, threadId }) => threadId > 0 && !born.has(`${pid} ${threadId}`)).length
  let livePeak = live
  const events = [...source.of('worker-birth'), ...source.of('worker-death')].toSorted((a, b) => a.t - b.t)
  for (const { k, t } of events) {
    live += k === 'worker-birth' ? 1 : -1
    if (t <= source.window[1]) livePeak = Math.max(livePeak, live)
  }
  const creators = new Map<number | undefined, number>()
  for (const { stack } of births) creators.set(stack, (creators.get(stack) ?? 0) + 1)
  const lifetimes = mergeHistograms(deaths.map(({ lifetimeMs }) => [[lifetimeMs, 1]]))
  return {
    created: births.length,
    exited: deaths.length,
    createdPerRequest: requests ? births.length / requests : null,
    livePeak,
    lifetimeMs: deaths.length > 0 ? quantiles(lifetimes) : null,
    heapBytesEach: heapOfWorkers(source),
    creators: [...creators]
      .flatMap(([id, count]) => (id === undefined ? [] : [{ stack: source.stack(id), count }]))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, CREATORS_KEPT),
    fidelity: 'exact',
  }
}

function heapOfWorkers(source: Source): number | null {
  const roleOf = nameThreads(source)
  const heaps = source.within('heap').filter((heap) => roleOf(heap).nodeWorker)
  if (heaps.length === 0) return null
  return heaps.reduce((sum, heap) => sum + heap.total + heap.external, 0) / heaps.length
}

/** Runnable threads that waited for a core. */
export function readRunQueue(source: Source, threads: ReadonlyMap<string, ThreadSamples>): RunQueue | null {
  if (threads.size === 0) return null
  let cpu = 0
  let queued = 0
  for (const thread of threads.values()) {
    if (thread.role.ours) continue
    const { cpuMs, queuedMs } = scheduled(thread, source.window)
    cpu += cpuMs
    queued += queuedMs
  }
  return {
    threadSecondsPerSecond: queued / source.windowMs,
    runnableThreads: (cpu + queued) / source.windowMs,
    fidelity: 'sampled',
  }
}
