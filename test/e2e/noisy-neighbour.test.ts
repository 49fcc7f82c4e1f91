/** A healthy server on a machine that others use up, and on one that is its own. */
import { join } from 'node:path'
import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { faultsIn, foundIn } from '../support/fixture.ts'
import { script, startOrphan } from '../support/process.ts'

const SERVER = `
  import { createServer } from 'node:http'
  createServer((request, response) => {
    let hash = 1
    for (let i = 0; i < 2e6; i++) hash = Math.imul(hash ^ i, 16777619)
    response.end(String(hash))
  }).listen(Number(process.env.PORT), '127.0.0.1')
`

async function recordServer(): Promise<Report> {
  const port = await freePort()
  const load = ['--load', `http://127.0.0.1:${port}/`, '-c', '2', '--warmup', '2s', '-d', '10s']
  const args = ['run', '--json', '-o', join(temporaryFolder(), 'out'), ...load, '--', process.execPath, script(SERVER)]
  const { code, stdout, stderr } = await runCli(args, { env: { PORT: String(port) } })
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as Report
}

it('beside two busy programs a core says so, and blames the server for nothing', { timeout: 60_000 }, async () => {
  for (let i = 0; i < 2 * availableParallelism(); i++) await startOrphan('while :; do :; done')
  const report = await recordServer()
  const finding = report.results.find(({ id }) => id === 'noisy-neighbour')?.findings[0]
  expect(finding?.summary, report.summary).toMatch(/^Other programs of this machine \(.*\bsh\b/)
  expect(
    faultsIn(report).filter((id) => id !== 'profiler-starved'),
    report.summary,
  ).toEqual([])
})

it('alone finds no neighbour', { timeout: 60_000, retry: 1 }, async () => {
  const report = await recordServer()
  expect(foundIn(report), report.summary).not.toContain('noisy-neighbour')
})
