import { counterOf, growth } from '../analysis/counters.ts'
import { groupBy } from '../analysis/group-by.ts'
import { indexRecords, type Source } from '../analysis/index-records.ts'
import { nameThreads, threadKey } from '../analysis/thread-names.ts'
import type { Recording } from '../recording/read.ts'
import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import type { ProcessStat } from './clinic-process-stat.ts'

/** What clinic doctor reads of the one process that it knows; times in milliseconds since the recording began. */
export interface ClinicSamples {
  pid: number
  nodeVersion: string
  stats: ProcessStat[]
  pauses: { name: string; from: Milliseconds; to: Milliseconds }[]
}

/** CPU of a process is counted in clock ticks of 10 ms: over less it would jump. */
const CPU_SPAN_MS: Milliseconds = 200
/** Names of V8's trace events by which clinic doctor knows what a pause was for. */
const PAUSES: Readonly<Record<string, string>> = {
  scavenge: 'V8.GCScavenger',
  'minor-mark-compact': 'V8.GCScavenger',
  incremental: 'V8.GCIncrementalMarking',
}
const MAJOR_PAUSE = 'V8.GCFinalizeMC'

/** Of the main thread whose loop turned most; null where there is no Node process. */
export function clinicSamples(recording: Recording): ClinicSamples | null {
  const source = indexRecords(recording, [0, Infinity])
  const roleOf = nameThreads(source)
  const loops = [
    ...groupBy(
      source.of('loop').filter((loop) => roleOf(loop).nodeMain),
      threadKey,
    ).values(),
  ]
  const busiest = loops.toSorted((a, b) => cpuOf(source, b) - cpuOf(source, a))[0]
  const pid = busiest?.[0]?.pid
  if (!busiest || pid === undefined) return null
  return {
    pid,
    nodeVersion: (source.of('node').find((node) => node.pid === pid)?.version ?? 'v0.0.0').replace(/^v/, ''),
    stats: statsOf(source, busiest, pid),
    pauses: source
      .of('gc')
      .filter((gc) => gc.pid === pid && gc.tid === pid)
      .flatMap(({ t, ms, long }) => {
        // Those too short to be told one by one, as one.
        const rest = ms - long.reduce((sum, [, pause]) => sum + pause, 0)
        const short = rest > 0 ? [{ name: MAJOR_PAUSE, from: t - rest, to: t }] : []
        return [
          ...long.map(([end, pause, kind]) => ({ name: PAUSES[kind] ?? MAJOR_PAUSE, from: end - pause, to: end })),
          ...short,
        ]
      }),
  }
}

function cpuOf(source: Source, [first]: readonly RecordOf<'loop'>[]): number {
  return source.of('proc').reduce((most, { pid, cpuMs }) => (pid === first?.pid ? Math.max(most, cpuMs) : most), 0)
}

/** One look for each tick of the agent's timer: their times within a second were not kept, so they are spread over it. */
function statsOf(source: Source, loops: readonly RecordOf<'loop'>[], pid: number): ProcessStat[] {
  const readings = source.of('proc').filter((record) => record.pid === pid)
  const heaps = source.of('heap').filter((heap) => heap.pid === pid && heap.tid === pid)
  const cpu = counterOf(readings.map(({ t, cpuMs }) => [t, cpuMs]))
  const startedAt = source.header.startedAt
  const lastReading = latest(readings)
  const lastHeap = latest(heaps)
  return loops.flatMap(({ t, ms, utilization, delays }) => {
    const each = delays.flatMap(([delay, n]) => Array.from({ length: n }, () => delay))
    return each.map((delay, i): ProcessStat => {
      const at = t - ms + ((i + 1) * ms) / each.length
      const reading = lastReading(at)
      const heap = lastHeap(at)
      return {
        timestamp: startedAt + at,
        delay,
        cpu: growth(cpu, [at - CPU_SPAN_MS, at]) / CPU_SPAN_MS,
        rss: reading?.rss ?? 0,
        heapTotal: heap?.total ?? 0,
        heapUsed: heap?.used ?? 0,
        external: heap?.external ?? 0,
        handles: reading?.sockets ?? 0,
        loopUtilization: utilization,
      }
    })
  })
}

/** The last record up to a time, or the first one; asked in ascending order. */
function latest<T extends { t: Milliseconds }>(records: readonly T[]): (t: Milliseconds) => T | undefined {
  let at = 0
  return (t) => {
    while ((records[at + 1]?.t ?? Infinity) <= t) at++
    return records[at]
  }
}
