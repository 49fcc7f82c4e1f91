/** A real OpenTelemetry collector, built from the Go proxy, that hands on what it takes. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { ROOT } from './cli.ts'
import { answers } from './debian.ts'

const SOURCE = join(ROOT, 'test/support/otel-collector')
const BINARY = join(ROOT, 'node_modules/.cache/holdup-otel-collector/otelcol')
/** From there on a Go takes the newer one that go.mod asks for from the proxy. */
const OLDEST_GO = 21
const READY_MS = 20_000

export function canBuildCollector(): boolean {
  const said = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout ?? ''
  return Number(/^go1\.(\d+)/.exec(said)?.[1] ?? 0) >= OLDEST_GO
}

/** Minutes the first time; Go itself keeps what has not changed. */
export async function buildCollector(): Promise<void> {
  await promisify(execFile)('go', ['build', '-o', BINARY, '.'], { cwd: SOURCE })
}

/** Takes OTLP over HTTP and posts the same to `to` as JSON. Resolves with its endpoint; ends after the test. */
export async function startCollector(to: string): Promise<string> {
  const port = await freePort()
  const pipeline = { receivers: ['otlp'], exporters: ['otlp_http'] }
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: {
      otlp_http: { endpoint: to, encoding: 'json', compression: 'none', sending_queue: { enabled: false } },
    },
    service: {
      pipelines: { metrics: pipeline, logs: pipeline },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
  }
  const child = spawn(BINARY, ['--config', `yaml:${JSON.stringify(config)}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  for (const by = performance.now() + READY_MS; !(await answers(port)); await sleep(50))
    if (hasEnded(child) || performance.now() > by) throw new Error('the collector does not listen')
  return `http://127.0.0.1:${port}`
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
