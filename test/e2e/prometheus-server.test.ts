/** A real Prometheus takes what holdup serves and what it pushes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, startCli, temporaryFolder } from '../support/cli.ts'
import { hasCommand } from '../support/native-fixture.ts'
import { metricsOf, valuesOf } from '../support/otlp-schema.ts'
import { script, until } from '../support/process.ts'
import { lint, otlpFlag, startPrometheus } from '../support/prometheus.ts'
import { startReceiver } from '../support/receiver.ts'

/** Answers 20 requests a second, each after 10 ms of work. */
const SERVES = `
  const server = require('node:http').createServer((_, response) => {
    for (const end = performance.now() + 10; performance.now() < end; );
    response.end('ok')
  }).listen(0)
  const { port } = server.address()
  setInterval(() => fetch('http://127.0.0.1:' + port).then((response) => response.text()), 50)
`
const has = hasCommand('prometheus') && hasCommand('promtool')

const reportIn = (out: string) => JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report

describe.skipIf(!has)('Prometheus (needs prometheus, promtool)', { timeout: 90_000, retry: 1 }, () => {
  it('scrapes what is served, and its values are those of the report', async () => {
    const port = await freePort()
    const out = join(temporaryFolder(), 'out')
    const command = [process.execPath, script(SERVES, 'server.cjs')]
    const { child, done } = startCli(['run', '--prometheus', String(port), '-o', out, '--', ...command])
    const prometheus = await startPrometheus([`127.0.0.1:${port}`])
    const valueOf = async (expression: string) => (await prometheus.query(expression))[0]?.value
    await until(async () => ((await valueOf('holdup_window_seconds')) ?? 0) > 9.9, 30_000)
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const samples = text.split('\n').filter((line) => line.startsWith('holdup_'))
    expect(lint(text)).toBe('')
    expect(await valueOf('up')).toBe(1)
    expect(await valueOf('scrape_samples_scraped')).toBe(samples.length)
    const scraped = {
      cores: await valueOf('holdup_cpu_cores'),
      available: await valueOf('holdup_cpu_available_cores'),
      threads: await valueOf('holdup_threads'),
      memory: await valueOf('holdup_memory_rss_bytes'),
      perSecond: await valueOf('holdup_http_requests_per_second'),
      median: await valueOf('holdup_http_latency_seconds{quantile="0.5"}'),
    }
    child.kill('SIGINT')
    const { code, stderr } = await done
    expect(code, stderr).toBe(0)

    const { cpu, threads, memory, http } = reportIn(out).signals
    const told = {
      cores: cpu?.cores,
      available: cpu?.available,
      threads: threads?.mean,
      memory: memory?.rssMeanBytes,
      perSecond: http?.perSecond,
      median: (http?.latencyMs.p50 ?? NaN) / 1000,
    }
    // The window scraped is a part of the report's, without its start.
    for (const [name, value] of Object.entries(told)) {
      const ratio = (scraped[name as keyof typeof scraped] ?? NaN) / (value ?? NaN)
      expect(ratio, `${name}: ${ratio} of ${value}`).toBeGreaterThan(0.75)
      expect(ratio, `${name}: ${ratio} of ${value}`).toBeLessThan(1.25)
    }
  })

  it('takes what is pushed, where it is new enough; else a receiver that knows the format does', async () => {
    const flag = otlpFlag()
    const prometheus = flag === null ? null : await startPrometheus([], [flag])
    const receiver = await startReceiver()
    const endpoint = prometheus ? `${prometheus.url}/api/v1/otlp` : receiver.url
    const out = join(temporaryFolder(), 'out')
    const command = [process.execPath, script(SERVES, 'server.cjs')]
    const env = { OTEL_METRIC_EXPORT_INTERVAL: '2000' }
    const run = ['run', '--otlp', endpoint, '-d', '8s', '-o', out, '--', ...command]
    const { code, stderr } = await runCli(run, { env })
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('v1/metrics')
    const pushed = async () => {
      const [series] = (await prometheus?.query('http_server_request_duration_seconds_count')) ?? []
      const { body } = receiver.at('/v1/metrics').at(-1) ?? {}
      return body
        ? valuesOf(metricsOf(JSON.parse(body.toString())).get('http.server.request.duration'))[0]
        : series?.value
    }
    const requests = reportIn(out).signals.httpServer?.requests ?? NaN
    expect(((await pushed()) ?? NaN) / requests).toBeCloseTo(1, 1)
  })
})
