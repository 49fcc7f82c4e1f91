import type { RecordOf } from '../../recording/schema.ts'
import type { Seconds } from '../../units.ts'
import type { Report } from '../model.ts'
import type { Buckets } from './encode.ts'

/** In seconds, as the convention of http.server.request.duration advises. */
const BOUNDS: readonly Seconds[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const MS_PER_SECOND = 1000

/** What is counted since the recording began; null what was not measured so far. */
export interface Totals {
  cpuSeconds: Seconds | null
  voluntarySwitches: number | null
  involuntarySwitches: number | null
  threadsCreated: number | null
  /** Requests as the target's own server saw them, by their time in seconds. */
  requests: Buckets | null
}

/** Of no window yet. */
export function noTotals(): Totals {
  return { cpuSeconds: null, voluntarySwitches: null, involuntarySwitches: null, threadsCreated: null, requests: null }
}

/** With the window of a report added, and the requests that ended in it. */
export function withWindow(
  totals: Totals,
  { recording, signals }: Report,
  http: readonly Pick<RecordOf<'http'>, 'latency' | 'sumMs'>[],
): Totals {
  const seconds = recording.window[1] - recording.window[0]
  const plus = (total: number | null, more: number | undefined): number | null =>
    more === undefined ? total : (total ?? 0) + more
  const { cpu, switches, threads } = signals
  return {
    cpuSeconds: plus(totals.cpuSeconds, cpu ? cpu.cores * seconds : undefined),
    voluntarySwitches: plus(totals.voluntarySwitches, switches ? switches.voluntaryPerSecond * seconds : undefined),
    involuntarySwitches: plus(
      totals.involuntarySwitches,
      switches ? switches.involuntaryPerSecond * seconds : undefined,
    ),
    threadsCreated: plus(totals.threadsCreated, threads?.created),
    requests: http.length === 0 ? totals.requests : withRequests(totals.requests, http),
  }
}

function withRequests(before: Buckets | null, http: Parameters<typeof withWindow>[2]): Buckets {
  const counts = before ? [...before.counts] : [0, ...BOUNDS.map(() => 0)]
  for (const { latency } of http)
    for (const [ms, n] of latency) {
      const over = BOUNDS.findIndex((bound) => ms / MS_PER_SECOND <= bound)
      const bucket = over < 0 ? BOUNDS.length : over
      counts[bucket] = (counts[bucket] ?? 0) + n
    }
  const sumMs = http.reduce((total, record) => total + record.sumMs, 0)
  return { bounds: BOUNDS, counts, sum: (before?.sum ?? 0) + sumMs / MS_PER_SECOND }
}
