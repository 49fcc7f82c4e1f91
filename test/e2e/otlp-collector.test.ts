/** `--otlp` into a collector that nobody here wrote: what it hands on is what the report says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { BLOCKS } from '../support/blocking-server.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { buildCollector, canBuildCollector, startCollector } from '../support/otel-collector.ts'
import { script } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'

const BUILD_MS = 600_000

/** As the collector writes them: what has its default value is left out. */
interface Handed {
  resourceMetrics?: { scopeMetrics: { metrics: Metric[] }[] }[]
  resourceLogs?: { scopeLogs: { logRecords: LogRecord[] }[] }[]
}
type Points = { dataPoints: { asDouble?: number; count?: string }[] }
interface Metric {
  name: string
  gauge?: Points
  sum?: Points
  histogram?: Points
}
interface LogRecord {
  eventName: string
  attributes: { key: string; value: { stringValue?: string } }[]
}

describe.skipIf(!canBuildCollector())('an OpenTelemetry collector (needs Go 1.21 or newer)', () => {
  beforeAll(buildCollector, BUILD_MS)

  it('takes what is pushed, and it is what the report says', { timeout: 60_000, retry: 1 }, async () => {
    const receiver = await startReceiver((response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
    const endpoint = await startCollector(receiver.url)
    const out = join(temporaryFolder(), 'out')
    const env = { OTEL_METRIC_EXPORT_INTERVAL: '2000' }
    const command = [process.execPath, script(BLOCKS, 'server.cjs')]
    const run = ['run', '--otlp', endpoint, '-d', '8s', '-o', out, '--', ...command]
    const { code, stderr } = await runCli(run, { env })
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('does not take')
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report

    const handed = receiver.posted.map(({ body }) => JSON.parse(body.toString()) as Handed)
    const pushes = handed.flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.map(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
    )
    const last = (name: string): number => {
      const metric = pushes.at(-1)?.find((each) => each.name === name)
      const [point] = (metric?.histogram ?? metric?.sum ?? metric?.gauge)?.dataPoints ?? []
      return Number(point?.count ?? point?.asDouble)
    }
    expect(Math.abs(last('http.server.request.duration') - (report.signals.httpServer?.requests ?? 0))).toBeLessThan(3)
    const seconds = report.recording.window[1] - report.recording.window[0]
    expect(last('process.cpu.time')).toBeGreaterThan((report.signals.cpu?.cores ?? NaN) * seconds * 0.95)

    const events = handed.flatMap(({ resourceLogs = [] }) =>
      resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
    )
    const appeared = events.filter(({ eventName }) => eventName === 'holdup.finding.appeared')
    const ids = appeared.map(({ attributes }) => attributes.find(({ key }) => key === 'holdup.finding.id')?.value)
    expect(ids).toContainEqual({ stringValue: 'event-loop-block-cpu' })
  })
})
