import { hostname } from 'node:os'
import { HoldupError } from '../errors.ts'
import type { Report } from '../report/model.ts'
import { FindingEvents } from '../report/otlp/finding-events.ts'
import { otlpLogs } from '../report/otlp/logs.ts'
import { otlpMetrics } from '../report/otlp/metrics.ts'
import { noTotals, withWindow } from '../report/otlp/totals.ts'
import type { Header } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import { WINDOW_MS, windowReport } from './latest-report.ts'
import { Outbox } from './outbox.ts'
import { nameOf } from './output-folder.ts'
import { below, parsePairs, type Receiver } from './receiver.ts'
import type { LiveView } from './record-options.ts'
import { Tiles } from './tiles.ts'
import { VERSION } from './version.ts'

/** By OTEL_METRIC_EXPORT_INTERVAL it is another one, as far as records are kept. */
const EVERY_MS: Milliseconds = 10_000
const LEAST_EVERY_MS: Milliseconds = 1000
const MOST_EVERY_MS: Milliseconds = 20_000
/** What a receiver that does not answer adds to the end. */
const CLOSE_MS: Milliseconds = 1500

/**
 * Pushes the figures of each ten seconds to an OpenTelemetry collector while a recording is made, and what was found when it
 * appears and when it is gone. `env`: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and others of its standard variables.
 */
export function pushOtlp(receiver: Receiver, env: NodeJS.ProcessEnv): LiveView {
  const headers = { 'content-type': 'application/json', ...headersOf(env) }
  const tiles = new Tiles()
  const events = new FindingEvents()
  let totals = noTotals()
  let timer: NodeJS.Timeout | undefined
  let live: Parameters<LiveView['start']>[0] | null = null
  let outbox: Outbox | null = null

  const post = (path: string, message: object): void => {
    const body = JSON.stringify(message)
    outbox?.put({ url: below(receiver, path), body, headers, bytes: body.length })
  }
  const push = (): void => {
    const window = live && tiles.next(live.now())
    if (!live || !window) return
    const { recent, header, now } = live
    const [from, to] = window
    const report = windowReport(recent, header, window, now())
    const http = recent.at(now()).filter((record) => record.k === 'http')
    totals = withWindow(
      totals,
      report,
      http.filter(({ t }) => t > from && t <= to),
    )
    const resource = resourceOf(header, report, env)
    const at = header.startedAt + to
    post(
      'v1/metrics',
      otlpMetrics(report, totals, { resource, times: { startedAt: header.startedAt, at }, version: VERSION }),
    )
    // A verdict needs as long a window whatever the interval is.
    const judged =
      to - from < WINDOW_MS ? windowReport(recent, header, [Math.max(0, to - WINDOW_MS), to], now()) : report
    const happened = events.observe(judged)
    if (happened.length > 0) post('v1/logs', otlpLogs(happened, { resource, at, version: VERSION }))
  }
  return {
    start(given) {
      live = given
      outbox = new Outbox(receiver, given.say)
      timer = setInterval(push, intervalOf(env))
    },
    stop() {
      clearInterval(timer)
      if (live) tiles.end(live.now())
    },
    async finish() {
      push()
      await outbox?.close(CLOSE_MS)
    },
  }
}

/** Of OTEL_EXPORTER_OTLP_HEADERS. Throws HoldupError `bad-option-value`, without the value: it may be secret. */
function headersOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const headers = parsePairs(env['OTEL_EXPORTER_OTLP_HEADERS'])
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) continue
    const instead =
      "OTEL_EXPORTER_OTLP_HEADERS='api-key=secret' holdup run --otlp http://127.0.0.1:4318 -- node server.js"
    throw new HoldupError('bad-option-value', {
      option: 'OTEL_EXPORTER_OTLP_HEADERS',
      given: `${name}=…`,
      allowed: ['name=value,name=value, percent-encoded'],
      instead,
    })
  }
  return headers
}

function intervalOf(env: NodeJS.ProcessEnv): Milliseconds {
  const given = Number(env['OTEL_METRIC_EXPORT_INTERVAL'])
  return given > 0 ? Math.min(MOST_EVERY_MS, Math.max(LEAST_EVERY_MS, given)) : EVERY_MS
}

function resourceOf(
  { target }: Header,
  report: Report,
  env: NodeJS.ProcessEnv,
): Record<string, string | number | null> {
  const { runtime, runtimeVersion } = report.target
  return {
    'service.name': nameOf(target.command.split(' ')),
    ...parsePairs(env['OTEL_RESOURCE_ATTRIBUTES']),
    ...(env['OTEL_SERVICE_NAME'] && { 'service.name': env['OTEL_SERVICE_NAME'] }),
    'host.name': hostname(),
    'process.pid': target.pid,
    'process.runtime.name': runtime === 'node' ? 'nodejs' : null,
    'process.runtime.version': runtimeVersion,
  }
}
