/** What a run records of the ways in which servers are started. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { readRecording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'

const server = `
  require('node:http').createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1')
`

interface Run {
  report: Report
  out: string
  stderr: string
}

/** Records a target of files in a folder of its own under a small load. */
async function record(
  files: Record<string, string>,
  command: string[],
  { options = [], env = {} }: { options?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const out = join(folder, 'out')
  const port = await freePort()
  const load = ['--load', `http://127.0.0.1:${port}/`, '-c', '4', '-d', '5s']
  const { code, stderr } = await runCli(['run', '-o', out, ...load, ...options, '--', ...command], {
    cwd: folder,
    env: { PORT: String(port), ...env },
  })
  expect(code, stderr).toBe(0)
  return { report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report, out, stderr }
}

describe('holdup run', () => {
  it('sees through a shell, npm run and a child process to the server', { timeout: 60_000 }, async () => {
    const manifest = JSON.stringify({ name: 'a', scripts: { start: 'node parent.cjs' } })
    const parent = "require('node:child_process').fork(__dirname + '/server.cjs')"
    const { report } = await record({ 'package.json': manifest, 'parent.cjs': parent, 'server.cjs': server }, [
      'sh',
      '-c',
      'npm start; true',
    ])
    expect(report.target.runtime).toBe('node')
    expect(report.signals.httpServer?.requests).toBeGreaterThan(100)
    expect(report.signals.eventLoop).not.toBeNull()
    expect(report.target.children).toBeGreaterThanOrEqual(3)
  })

  it('adds up the workers of a cluster', { timeout: 60_000 }, async () => {
    const cluster = `
      const cluster = require('node:cluster')
      if (cluster.isPrimary) for (let i = 0; i < 3; i++) cluster.fork(); else { ${server} }
    `
    const { report, out } = await record({ 'server.cjs': cluster }, [process.execPath, 'server.cjs'])
    const { records } = await readRecording(out)
    const serving = new Set(records.flatMap((one) => (one.k === 'http' && one.finished > 0 ? [one.pid] : [])))
    expect(serving.size).toBeGreaterThanOrEqual(2)
    const [client, agents] = [report.signals.http?.requests ?? 0, report.signals.httpServer?.requests ?? 0]
    expect(Math.abs(agents - client) / client).toBeLessThan(0.1)
  })

  it('works without /proc, and says what that costs', { timeout: 60_000 }, async () => {
    const { report } = await record({ 'server.cjs': server }, [process.execPath, 'server.cjs'], {
      env: { HOLDUP_NO_PROC: '1' },
    })
    expect(report.threadTime).toEqual([])
    expect(report.signals.runQueue).toBeNull()
    expect(report.signals.cpu?.cores).toBeGreaterThan(0)
    expect(report.signals.memory?.rssPeakBytes).toBeGreaterThan(20e6)
    expect(report.signals.httpServer?.requests).toBeGreaterThan(100)
    expect(report.results.find(({ id }) => id === 'oversubscription')).toMatchObject({
      status: 'not-applicable',
      missing: ['runQueue'],
    })
  })

  it('measures loop utilisation without the CPU profile, and leaves it null with it', { timeout: 60_000 }, async () => {
    const off = await record({ 'server.cjs': server }, [process.execPath, 'server.cjs'], {
      options: ['--cpu-profile', 'off'],
    })
    expect(off.report.signals.eventLoop?.utilization).toBeGreaterThan(0)
    expect(off.report.stacks).toEqual([])
    const on = await record({ 'server.cjs': server }, [process.execPath, 'server.cjs'])
    expect(on.report.signals.eventLoop?.utilization).toBeNull()
    expect(on.report.signals.eventLoop?.mainThreadCpu).toBeGreaterThan(0)
  })

  it('runs a load tool of the user when the target listens, and ends with it', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'server.cjs'), server)
    const port = String(await freePort())
    const loop = 'for i in 1 2 3 4 5 6 7 8; do curl -s "http://127.0.0.1:$PORT/" >/dev/null; done'
    const { code, stderr } = await runCli(
      ['run', '-o', join(folder, 'out'), '--on-port', loop, '--', process.execPath, 'server.cjs'],
      { cwd: folder, env: { PORT: port } },
    )
    expect(code, stderr).toBe(0)
    const report = JSON.parse(readFileSync(join(folder, 'out/report.json'), 'utf8')) as Report
    expect(report.signals.http?.requests).toBe(8)
  })
})

it('holdup report makes the report of the live run again, but for its clock', { timeout: 60_000 }, async () => {
  const { report, out } = await record({ 'server.cjs': server }, [process.execPath, 'server.cjs'])
  const again = temporaryFolder()
  const { code, stdout } = await runCli(['report', out, '-o', again, '--json'])
  expect(code).toBe(0)
  const made = JSON.parse(stdout) as Report
  expect({ ...made, generated: null }).toEqual({ ...report, generated: null })
})
