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
  /** Null where the report did not measure it. */
  read(report: Report): number | null
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
const switches = of('switches', (s) => s.voluntaryPerSecond + s.involuntaryPerSecond)

const stallShare = (report: Report): number | null => {
  const seconds = windowSeconds(report)
  return report.signals.eventLoop === null || seconds <= 0 ? null : report.signals.eventLoop.blockedSeconds / seconds
}

/** In the order of the article's own table: latency, memory, CPU, what was served, threads, then the causes. */
export const COMPARISON_ROWS: readonly RowDefinition[] = [
  {
    id: 'latency-stddev',
    label: 'latency deviation',
    unit: 'ms',
    better: 'lower',
    read: of('http', (h) => h.latencyMs.stddev),
  },
  { id: 'latency-mean', label: 'latency mean', unit: 'ms', better: 'lower', read: of('http', (h) => h.latencyMs.mean) },
  { id: 'latency-p50', label: 'latency p50', unit: 'ms', better: 'lower', read: of('http', (h) => h.latencyMs.p50) },
  { id: 'latency-p99', label: 'latency p99', unit: 'ms', better: 'lower', read: of('http', (h) => h.latencyMs.p99) },
  {
    id: 'memory-peak',
    label: 'memory peak',
    unit: 'bytes',
    better: 'lower',
    read: of('memory', (m) => m.rssPeakBytes),
  },
  { id: 'cpu-cores', label: 'CPU', unit: 'cores', better: null, read: cores },
  { id: 'cpu-per-request', label: 'CPU per request', unit: 'ms', better: 'lower', read: perRequest(cores, 1000) },
  { id: 'throughput', label: 'throughput', unit: '/s', better: 'higher', read: of('http', (h) => h.perSecond) },
  {
    id: 'in-flight-peak',
    label: 'in flight at peak',
    unit: '',
    better: null,
    read: of('http', (h) => h.inFlightPeak),
  },
  { id: 'threads-peak', label: 'threads peak', unit: '', better: 'lower', read: of('threads', (t) => t.peak) },
  { id: 'threads-created', label: 'threads created', unit: '', better: 'lower', read: of('threads', (t) => t.created) },
  { id: 'workers-created', label: 'workers created', unit: '', better: 'lower', read: of('workers', (w) => w.created) },
  {
    id: 'workers-per-request',
    label: 'workers per request',
    unit: '',
    better: 'lower',
    read: of('workers', (w) => w.createdPerRequest),
  },
  { id: 'switches-per-request', label: 'switches per request', unit: '', better: 'lower', read: perRequest(switches) },
  {
    id: 'held-up',
    label: 'held up by locks',
    unit: '',
    better: 'lower',
    read: of('lockWait', (l) => l.threadSecondsPerSecond),
  },
  {
    id: 'run-queue',
    label: 'held up by cores',
    unit: '',
    better: 'lower',
    read: of('runQueue', (r) => r.threadSecondsPerSecond),
  },
  { id: 'stall-share', label: 'in loop stalls', unit: 'ratio', better: 'lower', read: stallShare },
  { id: 'gc-share', label: 'in GC', unit: 'ratio', better: 'lower', read: of('gc', (g) => g.share) },
]
