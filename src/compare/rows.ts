/** The rows of a comparison: what each is, and how to read it from a report. */
import type { Report } from '../report/model.ts'
import { windowSeconds } from '../report/thread-states.ts'

/** One measure of a report. */
export interface RowDefinition {
  id: string
  label: string
  /** Of `formatQuantity`; empty for a plain number. */
  unit: string
  /** Which direction is an improvement; null where neither is. */
  better: 'lower' | 'higher' | null
  /** Values that differ by less than this differ by nothing that matters. */
  least: number
  /** Null where the report did not measure it. */
  read: (report: Report) => number | null
}

type Signals = Report['signals']

/** Reads a measured signal, null where it was not. */
const of =
  <S extends keyof Signals>(name: S, read: (signal: NonNullable<Signals[S]>) => number | null) =>
  ({ signals }: Report): number | null => {
    const signal = signals[name]
    return signal === null ? null : read(signal)
  }

/** Per second ÷ requests per second. */
const perRequest =
  (read: (report: Report) => number | null, scale = 1) =>
  (report: Report): number | null => {
    const rate = report.signals.http?.perSecond ?? 0
    const value = read(report)
    return value === null || rate <= 0 ? null : (value * scale) / rate
  }

const cores = of('cpu', (cpu) => cpu.cores)
const lockHeldUp = of('lockWait', (l) => l.threadSecondsPerSecond)
const switches = of('switches', (s) => s.voluntaryPerSecond + s.involuntaryPerSecond)

const capacity = ({ scale }: Report & { scale?: { capacity: { n: number } | null } | null }): number | null =>
  scale?.capacity?.n ?? null

const stallShare = (report: Report): number | null => {
  const seconds = windowSeconds(report)
  return report.signals.eventLoop === null || seconds <= 0 ? null : report.signals.eventLoop.blockedSeconds / seconds
}

/** Of all that were asked for: no answer, or one that says that it failed. */
const failedShare = of('http', ({ requests, errors, timeouts, resets }) => {
  const asked = requests + timeouts + resets
  return asked > 0 ? errors / asked : null
})

type Row = [
  id: string,
  label: string,
  unit: string,
  better: RowDefinition['better'],
  least: number,
  read: RowDefinition['read'],
]

/** In the order of the article's own table: latency, memory, CPU, what was served, threads, then the causes. */
const ROWS: readonly Row[] = [
  ['latency-stddev', 'latency deviation', 'ms', 'lower', 0.05, of('http', (h) => h.latencyMs.stddev)],
  ['latency-mean', 'latency mean', 'ms', 'lower', 0.05, of('http', (h) => h.latencyMs.mean)],
  ['latency-p50', 'latency p50', 'ms', 'lower', 0.05, of('http', (h) => h.latencyMs.p50)],
  ['latency-p99', 'latency p99', 'ms', 'lower', 0.05, of('http', (h) => h.latencyMs.p99)],
  ['memory-peak', 'memory peak', 'bytes', 'lower', 1e6, of('memory', (m) => m.rssPeakBytes)],
  ['cpu-cores', 'CPU', 'cores', null, 0.01, cores],
  ['cpu-per-request', 'CPU per request', 'ms', 'lower', 0.001, perRequest(cores, 1000)],
  ['capacity', 'capacity', '', 'higher', 1, capacity],
  ['throughput', 'throughput', '/s', 'higher', 0.1, of('http', (h) => h.perSecond)],
  ['failed', 'failed requests', 'ratio', 'lower', 0.001, failedShare],
  ['in-flight-peak', 'in flight at peak', '', null, 1, of('http', (h) => h.inFlightPeak)],
  ['threads-peak', 'threads peak', '', 'lower', 1, of('threads', (t) => t.peak)],
  ['threads-created', 'threads created', '', 'lower', 1, of('threads', (t) => t.created)],
  ['threads-per-request', 'threads per request', '', 'lower', 0.01, of('threads', (t) => t.createdPerRequest)],
  ['workers-created', 'workers created', '', 'lower', 1, of('workers', (w) => w.created)],
  ['workers-per-request', 'workers per request', '', 'lower', 0.01, of('workers', (w) => w.createdPerRequest)],
  ['switches-per-request', 'switches per request', '', 'lower', 0.05, perRequest(switches)],
  ['lock-wait', 'lock wait a request', 'ms', 'lower', 0.05, perRequest(lockHeldUp, 1000)],
  ['lock-held-up', 'held up by locks', '', 'lower', 0.05, lockHeldUp],
  ['core-held-up', 'held up by cores', '', 'lower', 0.05, of('runQueue', (r) => r.threadSecondsPerSecond)],
  ['stall-share', 'in loop stalls', 'ratio', 'lower', 0.005, stallShare],
  ['gc-share', 'in GC', 'ratio', 'lower', 0.005, of('gc', (g) => g.share)],
]

/** All rows of a comparison. */
export const COMPARISON_ROWS: readonly RowDefinition[] = ROWS.map(([id, label, unit, better, least, read]) => ({
  id,
  label,
  unit,
  better,
  least,
  read,
}))
