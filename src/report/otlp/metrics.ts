/**
 * A report's figures as OpenTelemetry metrics, under the names of its semantic conventions where these have one:
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/, /runtime/nodejs-metrics/ and /http/http-metrics/.
 */
import type { Report } from '../model.ts'
import { isFault, rankedFindings } from '../ranked-findings.ts'
import { attributeList, gauge, histogram, type Attributes, type Point, sum, type Times } from './encode.ts'
import type { Totals } from './totals.ts'

const MS_PER_SECOND = 1000

/** An ExportMetricsServiceRequest; what was not measured is left out. `resource`: what the figures are of. */
export function otlpMetrics(
  report: Report,
  totals: Totals,
  { resource, times, version }: { resource: Attributes; times: Times; version: string },
): object {
  const metrics = [
    ...processMetrics(report, totals, times),
    ...nodeMetrics(report, totals, times),
    ...ours(report, totals, times),
  ]
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributeList(resource) },
        scopeMetrics: [{ scope: { name: 'holdup', version }, metrics }],
      },
    ],
  }
}

function processMetrics({ signals }: Report, totals: Totals, times: Times): object[] {
  const { cpu, memory, threads } = signals
  const switchesOf = (type: string, value: number | null): Point => {
    return { value, attributes: { 'process.context_switch.type': type } }
  }
  return [
    ...sum(
      { name: 'process.cpu.time', unit: 's', description: 'CPU time since the recording began.' },
      [{ value: totals.cpuSeconds }],
      times,
      true,
    ),
    ...gauge(
      {
        name: 'process.cpu.utilization',
        unit: '1',
        description: 'CPU time by the time and the cores that it may use.',
      },
      [{ value: cpu && cpu.cores / cpu.available }],
      times,
    ),
    ...sum(
      { name: 'process.memory.usage', unit: 'By', description: 'Resident memory, mean.' },
      [{ value: memory?.rssMeanBytes }],
      times,
      false,
    ),
    ...sum(
      { name: 'process.thread.count', unit: '{thread}', description: 'Live threads, mean.' },
      [{ value: threads?.mean }],
      times,
      false,
    ),
    ...sum(
      { name: 'process.context_switches', unit: '{context_switch}', description: 'Since the recording began.' },
      [switchesOf('voluntary', totals.voluntarySwitches), switchesOf('involuntary', totals.involuntarySwitches)],
      times,
      true,
    ),
  ]
}

function nodeMetrics({ signals }: Report, { requests }: Totals, times: Times): object[] {
  const { eventLoop, httpServer } = signals
  const delays = (['p50', 'p90', 'p99', 'max'] as const).flatMap((name) =>
    gauge(
      { name: `nodejs.eventloop.delay.${name}`, unit: 's', description: `Event loop's delay, ${name}.` },
      [{ value: eventLoop && eventLoop.turnMs[name] / MS_PER_SECOND }],
      times,
    ),
  )
  const duration = {
    name: 'http.server.request.duration',
    unit: 's',
    description: 'Requests, as the server sees them.',
  }
  return [
    ...delays,
    ...gauge(
      { name: 'nodejs.eventloop.utilization', unit: '1', description: 'Share of the time that the loop is busy.' },
      [{ value: eventLoop?.utilization }],
      times,
    ),
    ...(requests ? [histogram(duration, requests, times)] : []),
    ...sum(
      { name: 'http.server.active_requests', unit: '{request}', description: 'Requests in flight, mean.' },
      [{ value: httpServer?.inFlightMean }],
      times,
      false,
    ),
  ]
}

/** What no convention names; the names are those of `--prometheus`, with points. */
function ours({ signals, recording, results, locks }: Report, totals: Totals, times: Times): object[] {
  const { cpu, workers, runQueue, lockWait, gc, http } = signals
  const one = (name: string, unit: string, description: string, value: Point['value']): object[] =>
    gauge({ name: `holdup.${name}`, unit, description }, [{ value }], times)
  const findings = rankedFindings(results).filter(isFault)
  const held = locks.filter(({ role }) => role === 'lock')
  const source = http && { 'holdup.http.source': http.source }
  const latency = (['p50', 'p99', 'max'] as const).map((quantile): Point => {
    return { value: http && http.latencyMs[quantile] / MS_PER_SECOND, attributes: { ...source, quantile } }
  })
  return [
    ...one('window', 's', 'Length of the window that all gauges are of.', recording.window[1] - recording.window[0]),
    ...gauge(
      { name: 'holdup.finding', unit: '1', description: 'Anti-patterns found, at warning or over.' },
      findings.map(({ id, severity }) => ({ value: 1, attributes: { id, severity } })),
      times,
    ),
    ...one('cpu.available', '{cpu}', 'Cores that the target may use.', cpu?.available),
    ...sum(
      { name: 'holdup.threads.created', unit: '{thread}', description: 'Since the recording began.' },
      [{ value: totals.threadsCreated }],
      times,
      true,
    ),
    ...one('workers.live', '{worker}', 'Node worker threads alive, at most.', workers?.livePeak),
    ...one('run_queue.threads', '{thread}', 'Threads that wait for a core.', runQueue?.threadSecondsPerSecond),
    ...one('lock_wait.threads', '{thread}', 'Threads held up by locks.', lockWait?.threadSecondsPerSecond),
    ...gauge(
      { name: 'holdup.lock.held_up_threads', unit: '{thread}', description: 'Threads held up by each lock.' },
      held.map(({ name, kind, heldUp }) => ({ value: heldUp, attributes: { lock: name, kind } })),
      times,
    ),
    ...one('gc.utilization', '1', 'Share of the time in garbage collection, worst thread.', gc?.share),
    ...gauge(
      { name: 'holdup.http.requests', unit: '{request}/s', description: 'Requests answered.' },
      [{ value: http?.perSecond, attributes: { ...source } }],
      times,
    ),
    ...gauge({ name: 'holdup.http.latency', unit: 's', description: 'Latency of requests.' }, latency, times),
  ]
}
