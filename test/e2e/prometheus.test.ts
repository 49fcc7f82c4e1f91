/** `--prometheus`: the built CLI serves what it measures. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { readFileSync } from 'node:fs'
import { startTarget } from '../support/attach.ts'
import { runCli, startCli, temporaryFolder } from '../support/cli.ts'
import { until } from '../support/process.ts'

const SERVES = `
  const server = require('node:http').createServer((_, response) => response.end('ok')).listen(0)
  const { port } = server.address()
  setInterval(() => fetch('http://127.0.0.1:' + port).then((response) => response.text()), 20)
`

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => void server.close(resolve))
  return port
}

it('what is served is what the report says', { timeout: 60_000, retry: 1 }, async () => {
  const target = await startTarget(SERVES)
  const port = await freePort()
  const out = join(temporaryFolder(), 'out')
  const { child, done } = startCli(['attach', String(target.pid), '--prometheus', String(port), '-o', out])
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const text = await until(async () => {
    const served = await scrape().catch(() => '')
    return Number(/^holdup_window_seconds (.*)$/m.exec(served)?.[1]) > 5 ? served : null
  }, 20_000)
  child.kill('SIGINT')
  const { code, stderr } = await done
  expect(code, stderr).toBe(0)
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
  const served = Number(/^holdup_http_requests_per_second (.*)$/m.exec(text)?.[1])
  expect(served / (report.signals.http?.perSecond ?? 0)).toBeCloseTo(1, 0)
  expect(Number(/^holdup_threads (.*)$/m.exec(text)?.[1])).toBeCloseTo(report.signals.threads?.mean ?? 0, -1)
  await expect(scrape()).rejects.toThrow()
})

it('a port that is taken, or none, is an error', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const run = (address: string) => runCli(['run', '--prometheus', address, '--', process.execPath, '-e', '0'])
  const [taken, none] = await Promise.all([run(String(port)), run('here')])
  server.close()
  expect([taken.code, none.code]).toEqual([2, 2])
  expect(taken.stderr).toMatch(/^error: cannot serve metrics at 127\.0\.0\.1:\d+\nwhy: .*EADDRINUSE/)
  expect(none.stderr).toMatch(/^error: .*--prometheus/)
})
