/** `--pprof-push`: the built CLI sends profiles as it records. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { pprofTotals } from '../support/pprof-totals.ts'
import { script } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'

/** Two workers with one lock, held for 5 ms at a time, and some work outside it. */
const CONTENDS = `
  const { Worker, isMainThread, workerData } = require('node:worker_threads')
  const spin = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); }
  if (isMainThread) {
    const slots = new Int32Array(new SharedArrayBuffer(8))
    for (let i = 0; i < 2; i++) new Worker(__filename, { workerData: slots })
    setInterval(() => spin(2), 50)
  } else {
    const guarded = () => {
      while (Atomics.compareExchange(workerData, 0, 0, 1) !== 0) Atomics.wait(workerData, 0, 1)
      spin(5)
      Atomics.store(workerData, 0, 0)
      Atomics.notify(workerData, 0, 1)
    }
    setInterval(guarded, 1)
  }
`

async function push(receiver: string, seconds: number, env: NodeJS.ProcessEnv = {}): Promise<Report> {
  const out = join(temporaryFolder(), 'out')
  const command = [process.execPath, script(CONTENDS, 'contends.cjs')]
  const run = ['run', '--pprof-push', receiver, '-d', `${seconds}s`, '-o', out, '--', ...command]
  const { code, stderr } = await runCli(run, { env })
  expect(code, stderr).toBe(0)
  expect(stderr).not.toContain('does not take')
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const secondsOf = (report: Report) => report.recording.window[1] - report.recording.window[0]

it('what Pyroscope gets adds up to what the report says', { timeout: 90_000, retry: 1 }, async () => {
  const receiver = await startReceiver()
  const report = await push(receiver.url, 14, { OTEL_SERVICE_NAME: 'con tends' })

  const profiles = await Promise.all(
    receiver.at('/ingest').map(async ({ query, headers, body }) => {
      const form = await new Response(new Uint8Array(body), {
        headers: { 'content-type': headers['content-type'] ?? '' },
      }).formData()
      const part = async (name: string) => Buffer.from(await (form.get(name) as File).arrayBuffer())
      const types = JSON.parse((await part('sample_type_config')).toString()) as Record<string, unknown>
      const totals = pprofTotals(await part('profile'))
      expect(Object.keys(totals)).toEqual(Object.keys(types))
      expect(query.get('format'), 'with one the form would be taken for the profile').toBeNull()
      expect(query.get('name')).toBe(`con_tends{hostname=${hostname().replaceAll(/[^\w.-]/g, '_')}}`)
      return { from: Number(query.get('from')), until: Number(query.get('until')), totals }
    }),
  )
  const cpu = profiles.filter(({ totals }) => 'cpu' in totals)
  expect(cpu.length).toBeGreaterThanOrEqual(2)
  const cpuMs = sum(cpu.map(({ totals }) => (totals['cpu'] ?? 0) / 1e6))
  const flames = report.flames.filter(({ kind }) => kind === 'cpu')
  expect(cpuMs / sum(flames.map(({ root }) => root[2]))).toBeCloseTo(1, 2)

  const locks = profiles.filter(({ totals }) => 'delay' in totals)
  expect(locks.length).toBeGreaterThanOrEqual(2)
  const waited = sum(locks.map(({ totals }) => (totals['delay'] ?? 0) / 1e9))
  const told = sum(report.locks.flatMap(({ role, waitSeconds }) => (role === 'lock' ? [waitSeconds] : [])))
  expect(told).toBeGreaterThan(secondsOf(report) / 4)
  expect(waited / told).toBeCloseTo(1, 2)
  for (const { from, until } of profiles) expect(until - from).toBeGreaterThan(0)
})

it("Parca's WriteRaw", { timeout: 60_000, retry: 1 }, async () => {
  const receiver = await startReceiver()
  await push(`${receiver.url}/profiles/writeraw`, 4)
  const [first] = receiver.at('/profiles/writeraw')
  const { series } = JSON.parse(first?.body.toString() ?? '') as {
    series: { labels: { labels: object[] }; samples: { rawProfile: string }[] }[]
  }
  expect(series[0]?.labels.labels).toContainEqual({ name: '__name__', value: 'process_cpu' })
  expect(pprofTotals(Buffer.from(series[0]?.samples[0]?.rawProfile ?? '', 'base64'))['cpu']).toBeGreaterThan(0)
})

it('a receiver that is down costs one line', { timeout: 60_000 }, async () => {
  const url = `http://me:hush@127.0.0.1:${await freePort()}`
  const work = 'setInterval(() => { for (const end = Date.now() + 5; Date.now() < end; ); }, 50)'
  const run = ['run', '--pprof-push', url, '-d', '4s', '-o', temporaryFolder(), '--', process.execPath, '-e', work]
  const { code, stderr } = await runCli(run)
  expect(code, stderr).toBe(0)
  expect(stderr.match(/does not take what is pushed: .*ECONNREFUSED/g)).toHaveLength(1)
  expect(stderr).not.toContain('hush')
})
