import type { RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { counterOf, sumLevels, valueAt } from './counters.ts'
import type { Counter } from './counters.ts'
import { groupBy } from './group-by.ts'
import { quantile } from './histogram.ts'
import type { Source } from './index-records.ts'
import { overlap } from './overlap.ts'
import type { LockWait, Timeline } from './signals.ts'
import { nameThreads } from './thread-names.ts'
import type { ThreadSamples } from './thread-samples.ts'
import { blockedThreads, nativeLockWaits } from './wait-timelines.ts'

/** Points a chart can show at a useful width. */
const POINTS = 240
const MIN_STEP_MS = 250
/** Such turns of native loops are told one by one. */
const LONG_TURN_MS = 10

/** Series from `start` to the end of the recording (not just over the window), one point a step. */
export function drawTimelines(
  source: Source,
  threads: ReadonlyMap<string, ThreadSamples>,
  lockWait: LockWait | null,
  start: Milliseconds,
): Timeline[] {
  const length = lastTime(source) - start
  const stepMs = Math.max(MIN_STEP_MS, length / POINTS)
  const steps = Array.from(
    { length: Math.ceil(length / stepMs) },
    (_, i) => [start + i * stepMs, start + (i + 1) * stepMs] as const,
  )
  const ours = [...threads.values()].filter((thread) => !thread.role.ours)
  const slots = new Set(
    lockWait?.locks.filter((lock) => lock.role === 'lock').map((lock) => `${lock.pid} ${lock.slot}`),
  )
  const lockWaits = source.of('wait').filter((wait) => !wait.async && slots.has(`${wait.pid} ${wait.slot}`))
  const roleOf = nameThreads(source)
  const turns = source.of('loop').filter((loop) => roleOf(loop).nodeMain)
  const http: readonly (RecordOf<'load'> | RecordOf<'http'>)[] =
    source.of('load').length > 0 ? source.of('load') : source.of('http')

  const timelines: (Timeline | null)[] = [
    line('turn', 'Event-loop turn, longest', 'ms', turns, steps, (inStep) =>
      Math.max(0, ...inStep.flatMap((loop) => loop.delays.map(([ms]) => ms))),
    ),
    turns.length > 0 ? null : nativeTurns(source, steps),
    spread(
      'held-up',
      'Threads held up by locks',
      'threads',
      [...lockWaits.map((wait) => ({ span: [wait.from, wait.t] as const, ms: wait.ms })), ...nativeLockWaits(source)],
      steps,
    ),
    rate(
      'run-queue',
      'Threads waiting for a core',
      'threads',
      ours.map((thread) => thread.queued),
      steps,
    ),
    level('io-wait', 'Threads in I/O', 'threads', blockedThreads(source, 'ioWait'), stepMs),
    level('sleeping', 'Threads asleep', 'threads', blockedThreads(source, 'sleeping'), stepMs),
    rate('cpu', 'CPU', 'cores', processCpu(source), steps),
    level(
      'memory',
      'Memory (RSS)',
      'bytes',
      source.of('proc').map(({ t, pid, rss }) => ({ t, owner: pid, value: rss })),
      stepMs,
    ),
    level(
      'threads',
      'Threads',
      'threads',
      source.of('threads').map(({ t, pid, of }) => ({ t, owner: pid, value: of })),
      stepMs,
    ),
    line('requests', 'Requests', '/s', http, steps, (inStep, ms) => (sum(inStep.map(requestsOf)) * 1000) / ms),
    line('in-flight', 'Requests in flight', 'requests', http, steps, (inStep) =>
      Math.max(0, ...inStep.map((record) => record.inFlight)),
    ),
    line('latency', 'Latency, 99th percentile', 'ms', http, steps, (inStep) =>
      quantile(
        inStep.flatMap((record) => record.latency).toSorted((a, b) => a[0] - b[0]),
        0.99,
      ),
    ),
    line(
      'gc',
      'Garbage collection',
      '% of the time',
      source.of('gc'),
      steps,
      (inStep, ms) => (100 * sum(inStep.map((gc) => gc.ms))) / ms,
    ),
  ]
  return timelines.filter((timeline) => timeline !== null)
}

/** The longest turn of any native loop; those under 10 ms by their bucket. */
function nativeTurns(source: Source, steps: readonly Step[]): Timeline | null {
  const loops = source
    .of('native-loop')
    .map(({ t, turnMs }) => ({ t, ms: Math.max(0, ...turnMs.flatMap(([ms]) => (ms < LONG_TURN_MS ? [ms] : []))) }))
  const all = [...loops, ...source.of('native-turn')]
  return line('turn', 'Loop turn, longest', 'ms', all, steps, (inStep) => Math.max(...inStep.map(({ ms }) => ms)))
}

type Step = readonly [Milliseconds, Milliseconds]

function requestsOf(record: RecordOf<'load'> | RecordOf<'http'>): number {
  return record.k === 'http' ? record.finished : record.requests
}

/** One value a step out of the records made in it; steps without any are left out. */
function line<R extends { t: Milliseconds }>(
  id: string,
  title: string,
  unit: string,
  records: readonly R[],
  steps: readonly Step[],
  value: (inStep: R[], ms: Milliseconds) => number,
): Timeline | null {
  if (records.length === 0) return null
  const stepMs = (steps[0]?.[1] ?? 1) - (steps[0]?.[0] ?? 0)
  const start = steps[0]?.[0] ?? 0
  const byStep = groupBy(records, ({ t }) => Math.floor((t - start) / stepMs))
  const points = steps.flatMap(([from, to], i): [number, number][] => {
    const inStep = byStep.get(i)
    return inStep ? [[to, value(inStep, to - from)]] : []
  })
  return { id, title, unit, points }
}

/** Time that fills spans, per time of each step. */
function spread(
  id: string,
  title: string,
  unit: string,
  spans: readonly { span: Step; ms: number }[],
  steps: readonly Step[],
): Timeline | null {
  if (spans.length === 0) return null
  const stepMs = (steps[0]?.[1] ?? 1) - (steps[0]?.[0] ?? 0)
  const start = steps[0]?.[0] ?? 0
  const sums = new Float64Array(steps.length)
  for (const { span, ms } of spans) {
    const length = Math.max(span[1] - span[0], 1e-6)
    const first = Math.max(0, Math.floor((span[0] - start) / stepMs))
    const last = Math.min(steps.length - 1, Math.floor((span[1] - start) / stepMs))
    for (let i = first; i <= last; i++) {
      sums[i] = (sums[i] ?? 0) + (ms * overlap(span, steps[i] ?? [0, 0])) / length
    }
  }
  return { id, title, unit, points: steps.map(([, to], i) => [to, (sums[i] ?? 0) / stepMs]) }
}

/** Growth of cumulative counters (milliseconds), per millisecond of each step. */
function rate(
  id: string,
  title: string,
  unit: string,
  counters: readonly Counter[],
  steps: readonly Step[],
): Timeline | null {
  if (counters.length === 0) return null
  const sums = new Float64Array(steps.length)
  for (const counter of counters) {
    const from = counter.times[0] ?? 0
    const to = counter.times[counter.times.length - 1] ?? 0
    let before = valueAt(counter, steps[0]?.[0] ?? 0)
    steps.forEach((step, i) => {
      if (step[1] <= from || step[0] >= to) return
      const after = valueAt(counter, step[1])
      sums[i] = (sums[i] ?? 0) + after - before
      before = after
    })
  }
  return { id, title, unit, points: steps.map(([from, to], i) => [to, (sums[i] ?? 0) / (to - from)]) }
}

function level(
  id: string,
  title: string,
  unit: string,
  readings: readonly { t: number; owner: number; value: number }[],
  stepMs: number,
): Timeline | null {
  return readings.length === 0 ? null : { id, title, unit, points: sumLevels(readings, stepMs) }
}

function processCpu(source: Source): Counter[] {
  return [...groupBy(source.of('proc'), ({ pid }) => pid).values()].map((records) =>
    counterOf(records.map(({ t, cpuMs }) => [t, cpuMs])),
  )
}

/** When the recording ended, as far as anything tells. */
export function lastTime(source: Source): Milliseconds {
  return Math.max(source.window[1], source.of('end')[0]?.t ?? 0, source.of('proc').at(-1)?.t ?? 0)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
