/** A Prometheus of Debian's, that scrapes what a test asks it to, each second. */
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { temporaryFolder } from './cli.ts'
import { until } from './process.ts'

const READY_MS = 20_000

/** A series of its answer to a query, with its newest value. */
interface Series {
  metric: Readonly<Record<string, string>>
  value: number
}

interface Prometheus {
  url: string
  query(expression: string): Promise<Series[]>
}

/** How this one is told to take OTLP: by a flag since 3.0, as a feature from 2.47 on; null where it is older. */
export function otlpFlag(): string | null {
  const { stdout } = spawnSync('prometheus', ['--help'], { encoding: 'utf8' })
  if (stdout.includes('--web.enable-otlp-receiver')) return '--web.enable-otlp-receiver'
  return stdout.includes('otlp-write-receiver') ? '--enable-feature=otlp-write-receiver' : null
}

/** What `promtool check metrics` has against a text; empty of nothing. */
export function lint(metrics: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' })
  return status === 0 ? '' : stdout + stderr
}

/** Killed after the test. */
export async function startPrometheus(targets: readonly string[], flags: readonly string[] = []): Promise<Prometheus> {
  const folder = temporaryFolder()
  const port = await freePort()
  const jobs = [{ job_name: 'holdup', static_configs: [{ targets }] }]
  const global = { scrape_interval: '1s', scrape_timeout: '1s' }
  // Its YAML is JSON too.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ global, scrape_configs: jobs }))
  const files = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`]
  const child = spawn('prometheus', [...files, `--web.listen-address=127.0.0.1:${port}`, ...flags], { stdio: 'ignore' })
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // It writes into its folder until it has ended.
    if (child.kill('SIGKILL')) await ended
  })
  const url = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok, READY_MS)
  return {
    url,
    async query(expression) {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
      const { data } = (await response.json()) as {
        data: { result: { metric: Series['metric']; value: [number, string] }[] }
      }
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
    },
  }
}
