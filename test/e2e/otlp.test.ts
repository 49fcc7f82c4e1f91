/** `--otlp`: the built CLI pushes what it measures. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { freePort } from '../../src/cli/free-port.ts'
import { BLOCKS } from '../support/blocking-server.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { logsOf, metricsOf, valuesOf } from '../support/otlp-schema.ts'
import { script } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'

const RESTS = 'setInterval(() => {}, 1000)'

const json = (body: Buffer): unknown => JSON.parse(body.toString())

it('pushes what the report says, and each finding once', { timeout: 60_000, retry: 1 }, async () => {
  const receiver = await startReceiver()
  const out = join(temporaryFolder(), 'out')
  const env = {
    OTEL_METRIC_EXPORT_INTERVAL: '2500',
    OTEL_SERVICE_NAME: 'blocks',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b',
  }
  const command = [process.execPath, script(BLOCKS, 'server.cjs')]
  const { code, stderr } = await runCli(
    ['run', '--otlp', `${receiver.url}/otlp`, '-d', '12s', '-o', out, '--', ...command],
    { env },
  )
  expect(code, stderr).toBe(0)
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report

  const metrics = receiver.at('/otlp/v1/metrics').map(({ body }) => metricsOf(json(body)))
  expect(metrics.length).toBeGreaterThanOrEqual(4)
  const last = (name: string) => valuesOf(metrics.at(-1)?.get(name))[0] ?? NaN
  const requests = report.signals.httpServer?.requests ?? 0
  expect(Math.abs(last('http.server.request.duration') - requests)).toBeLessThanOrEqual(2)
  // The report's window begins with the first request.
  const seconds = report.recording.window[1] - report.recording.window[0]
  expect(last('process.cpu.time')).toBeGreaterThan((report.signals.cpu?.cores ?? NaN) * seconds * 0.95)
  const counts = metrics.map((each) => valuesOf(each.get('http.server.request.duration'))[0] ?? 0)
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  const windows = metrics.map((each) => valuesOf(each.get('holdup.window'))[0] ?? NaN)
  expect(
    windows.reduce((sum, each) => sum + each, 0),
    'without gaps',
  ).toBeCloseTo(report.recording.seconds, 0)

  const logs = receiver.at('/otlp/v1/logs').flatMap(({ body }) => logsOf(json(body)))
  const appeared = logs.filter(({ eventName }) => eventName === 'holdup.finding.appeared')
  const ids = appeared.map(({ attributes }) =>
    JSON.stringify(attributes.find(({ key }) => key === 'holdup.finding.id')),
  )
  expect(ids.filter((id) => id.includes('"event-loop-block-cpu"'))).toHaveLength(1)

  const [first] = receiver.posted
  expect(first?.headers['api-key']).toBe('a b')
  expect(first?.body.toString()).toContain('{"key":"service.name","value":{"stringValue":"blocks"}}')
})

it('a collector that is down costs one line', { timeout: 60_000 }, async () => {
  const endpoint = `http://me:hush@127.0.0.1:${await freePort()}`
  const env = { OTEL_METRIC_EXPORT_INTERVAL: '1000' }
  const out = temporaryFolder()
  const run = ['run', '--otlp', endpoint, '-d', '5s', '-o', out, '--', process.execPath, '-e', RESTS]
  const { code, stderr } = await runCli(run, { env })
  expect(code, stderr).toBe(0)
  expect(stderr.match(/does not take what is pushed: .*ECONNREFUSED/g)).toHaveLength(1)
  expect(stderr).not.toContain('hush')
})

it('one that never answers delays the end by two seconds at most', { timeout: 60_000, retry: 1 }, async () => {
  const receiver = await startReceiver(() => {})
  const secondsOf = async (...options: string[]) => {
    const began = performance.now()
    const out = temporaryFolder()
    const run = ['run', ...options, '-d', '4s', '-o', out, '--', process.execPath, '-e', RESTS]
    const { code, stderr } = await runCli(run, { env: { OTEL_METRIC_EXPORT_INTERVAL: '1000' } })
    expect(code, stderr).toBe(0)
    return (performance.now() - began) / 1000
  }
  const without = await secondsOf()
  expect((await secondsOf('--otlp', receiver.url)) - without).toBeLessThan(2.5)
  expect(receiver.posted.length).toBeGreaterThan(0)
})

it('what is no endpoint, or no header, is an error without its secrets', async () => {
  const run = (env: NodeJS.ProcessEnv, endpoint: string) =>
    runCli(['run', '--otlp', endpoint, '--', process.execPath, '-e', '0'], { env })
  const [none, broken] = await Promise.all([
    run({}, 'grpc://me:hush@host:4317'),
    run({ OTEL_EXPORTER_OTLP_HEADERS: 'bad name=hush' }, 'http://127.0.0.1:1'),
  ])
  expect([none.code, broken.code]).toEqual([2, 2])
  expect(none.stderr).toMatch(/^error: --otlp does not take/)
  expect(broken.stderr).toMatch(/^error: OTEL_EXPORTER_OTLP_HEADERS does not take "bad name=…"/)
  expect(none.stderr + broken.stderr).not.toContain('hush')
})
