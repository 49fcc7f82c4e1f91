/**
 * A report's figures as Prometheus reads them: gauges of the report's window, and of what is spread its quantiles. The format:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
import type { Report } from './model.ts'
import { plainText } from './plain-text.ts'
import { isFault, rankedFindings } from './ranked-findings.ts'

const MS_PER_SECOND = 1000

interface Metric {
  name: string
  help: string
  /** By default a gauge; what has quantiles is a summary. */
  type?: 'summary'
  values: { labels?: Readonly<Record<string, string>>; value: number | null }[]
}

/** Text of version 0.0.4; what was not measured is left out. */
export function renderPrometheus(report: Report): string {
  return metrics(report)
    .map(({ name, help, type = 'gauge', values }) => {
      const lines = values.flatMap(({ labels, value }) =>
        value === null ? [] : [`holdup_${name}${labelText(labels ?? {})} ${value}\n`],
      )
      return lines.length === 0 ? '' : `# HELP holdup_${name} ${help}\n# TYPE holdup_${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

function metrics(report: Report): Metric[] {
  const { cpu, memory, threads, runQueue, lockWait, eventLoop, gc, http, switches, workers } = report.signals
  const one = (name: string, help: string, value: number | null | undefined): Metric => {
    return { name, help, values: [{ value: value ?? null }] }
  }
  const quantiles = (of: { p50: number; p99: number; max: number } | undefined): Metric['values'] =>
    of
      ? [
          { labels: { quantile: '0.5' }, value: of.p50 / MS_PER_SECOND },
          { labels: { quantile: '0.99' }, value: of.p99 / MS_PER_SECOND },
          { labels: { quantile: '1' }, value: of.max / MS_PER_SECOND },
        ]
      : []
  const findings = rankedFindings(report.results).filter(isFault)
  const locks = report.locks.filter(({ role }) => role === 'lock')
  return [
    one(
      'window_seconds',
      'Length of the window that all figures are of.',
      report.recording.window[1] - report.recording.window[0],
    ),
    {
      name: 'finding',
      help: 'Anti-patterns found, at warning or over.',
      values: findings.map(({ id, severity }) => ({ labels: { id, severity }, value: 1 })),
    },
    one('cpu_cores', 'Cores that the target uses.', cpu?.cores),
    one('cpu_available_cores', 'Cores that it may use.', cpu?.available),
    one('memory_rss_bytes', 'Resident memory, mean.', memory?.rssMeanBytes),
    one('threads', 'Live threads, mean.', threads?.mean),
    one('threads_created_per_second', 'Threads created.', threads?.createdPerSecond),
    one('workers_live', 'Node worker threads alive, at most.', workers?.livePeak),
    one('run_queue_threads', 'Threads that wait for a core.', runQueue?.threadSecondsPerSecond),
    one('lock_wait_threads', 'Threads held up by locks.', lockWait?.threadSecondsPerSecond),
    {
      name: 'lock_held_up_threads',
      help: 'Threads held up by each lock.',
      values: locks.map(({ name, kind, heldUp }) => ({ labels: { lock: name, kind }, value: heldUp })),
    },
    one('voluntary_switches_per_second', 'Context switches of threads that block.', switches?.voluntaryPerSecond),
    {
      name: 'event_loop_delay_seconds',
      help: "Event loop's delay.",
      type: 'summary',
      values: quantiles(eventLoop?.turnMs),
    },
    one('gc_ratio', 'Share of the time in garbage collection, worst thread.', gc?.share),
    one('http_requests_per_second', 'Requests answered.', http?.perSecond),
    one('http_in_flight', 'Requests in flight, mean.', http?.inFlightMean),
    { name: 'http_latency_seconds', help: 'Latency of requests.', type: 'summary', values: quantiles(http?.latencyMs) },
  ]
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(plainText(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
