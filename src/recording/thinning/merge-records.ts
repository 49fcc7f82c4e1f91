import type { Histogram, RecordKind, RecordOf } from '../schema.ts'
import { mergeHistograms } from './merge-histograms.ts'

/** How two records of a kind that counts "since the record before" become one. What no list names is as in the later one. */
interface Rule {
  add: readonly string[]
  max?: readonly string[]
  min?: readonly string[]
  histograms?: readonly string[]
}

const RULES = {
  switches: { add: ['voluntary', 'involuntary'] },
  cgroup: { add: ['ms', 'periods', 'throttled', 'throttledMs'] },
  machine: { add: ['ms', 'busyMs', 'idleMs', 'stealMs', 'ownMs', 'targetMs'] },
  neighbour: { add: ['cpuMs'] },
  'client-sockets': { add: ['looks', 'open', 'unacked'] },
  'accept-queue': { add: ['ms', 'waitingMs', 'someMs'], max: ['peak'] },
  blocked: { add: ['n', 'ms', 'queuedMs'] },
  holder: { add: ['n'] },
  sampled: { add: ['ms', 'sweeps', 'runningMs', 'unknownMs'], max: ['threads', 'looked'] },
  churn: { add: ['cpuMs', 'deadCpuMs', 'begun', 'probes', 'ours', 'others', 'children'] },
  loop: { add: ['ms'], histograms: ['delays'] },
  pool: { add: [], max: ['waitingMs'], histograms: ['latency'] },
  gc: { add: ['n', 'ms'] },
  wait: { add: ['n', 'ms', 'timedOut', 'taken'], max: ['max'], min: ['from'], histograms: ['waits'] },
  notify: { add: ['n', 'woken', 'holds', 'holdMs'] },
  'promise-lock': { add: ['n', 'ms'], max: ['max'], histograms: ['waits'] },
  http: {
    add: ['connections', 'started', 'finished', 'aborted', 'non2xx', 'sumMs', 'sumSqMs'],
    max: ['inFlightPeak'],
    histograms: ['latency'],
  },
  dropped: { add: ['n'] },
  'native-wait': { add: ['n', 'ms'], max: ['max'], histograms: ['waits'] },
  'native-unlock': { add: ['n', 'holds', 'holdMs'] },
  'native-post': { add: ['n'] },
  'native-spawn': { add: ['created', 'exited', 'lifetimeMs'], histograms: ['lifetimes'] },
  'native-loop': { add: ['turns', 'ms', 'over10Ms'], max: ['max'], histograms: ['turnMs'] },
  'native-requests': { add: ['accepts', 'requests'] },
  // Threads too are pairs whose second is to be added.
  'runtime-wait': { add: ['n', 'ms'], max: ['max'], min: ['from'], histograms: ['waits', 'threads'] },
  'runtime-hold': { add: ['n', 'ms'], min: ['from'] },
  'runtime-spawn': { add: ['created', 'exited', 'lifetimeMs'], min: ['from'], histograms: ['lifetimes'] },
  load: {
    add: ['ms', 'requests', 'non2xx', 'timeouts', 'errors', 'sumMs', 'sumSqMs', 'cpuMs', 'busyMs'],
    histograms: ['latency', 'lag', 'pacing'],
  },
  recorder: { add: ['ticks', 'late'], max: ['maxLateMs'] },
} as const satisfies Partial<Record<RecordKind, Rule>>

export type DeltaKind = keyof typeof RULES
export type DeltaRecord = { [K in DeltaKind]: RecordOf<K> }[DeltaKind]

/** Kinds that count since the record before, and so can be merged without loss of any total. */
export const DELTA_RULES: Readonly<Record<DeltaKind, Rule>> = RULES

/** One record in place of two neighbours of the same kind and owner; `later` gives it its time. */
export function mergeRecords<R extends DeltaRecord>(earlier: R, later: R): R {
  const merged: Record<string, unknown> = { ...later }
  const of = (record: R, field: string) => (record as unknown as Record<string, number>)[field] ?? 0
  const { add, max = [], min = [], histograms = [] } = DELTA_RULES[later.k]
  const isMeasured = (field: string) => field in earlier || field in later
  // To the nanosecond: sums would else grow digits that nobody measured.
  for (const field of add.filter(isMeasured))
    merged[field] = Math.round((of(earlier, field) + of(later, field)) * 1e6) / 1e6
  for (const field of max) merged[field] = Math.max(of(earlier, field), of(later, field))
  for (const field of min) merged[field] = Math.min(of(earlier, field), of(later, field))
  for (const field of histograms.filter(isMeasured)) {
    const [a, b] = [earlier, later].map((record) => (record as unknown as Record<string, Histogram>)[field] ?? [])
    merged[field] = mergeHistograms(a ?? [], b ?? [])
  }
  if (earlier.k === 'loop' && later.k === 'loop') merged['utilization'] = meanUtilization(earlier, later)
  if (earlier.k === 'gc' && later.k === 'gc') merged['long'] = longestHalf([...earlier.long, ...later.long])
  return merged as unknown as R
}

function meanUtilization(a: RecordOf<'loop'>, b: RecordOf<'loop'>): number | null {
  if (a.utilization === null || b.utilization === null || a.ms + b.ms <= 0) return null
  return (a.utilization * a.ms + b.utilization * b.ms) / (a.ms + b.ms)
}

function longestHalf(pauses: RecordOf<'gc'>['long']): RecordOf<'gc'>['long'] {
  const kept = pauses.toSorted((a, b) => b[1] - a[1]).slice(0, Math.ceil(pauses.length / 2))
  return kept.toSorted((a, b) => a[0] - b[0])
}
