/** A server that writes its answer in two parts, with and without Nagle's algorithm; and one that is as slow for another reason. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { faultsIn, foundIn } from '../support/fixture.ts'
import { script } from '../support/process.ts'

const OPTIONS = { timeout: 60_000, retry: 1 }

async function recordServer(noDelay: boolean, respond: string, before = ''): Promise<Report> {
  const port = await freePort()
  const server = `
    import { createServer } from 'node:http'
    ${before}
    createServer({ noDelay: ${noDelay} }, (request, response) => { ${respond} })
      .listen(Number(process.env.PORT), '127.0.0.1')`
  const load = ['--load', `http://127.0.0.1:${port}/`, '-c', '16', '--warmup', '2s', '-d', '8s']
  const args = ['run', '--json', '-o', join(temporaryFolder(), 'out'), ...load, '--', process.execPath, script(server)]
  const { code, stdout, stderr } = await runCli(args, { env: { PORT: String(port) } })
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as Report
}

const IN_TWO = "response.write('head'); setImmediate(() => response.end('body'))"

it('is named where an answer is written in two parts', OPTIONS, async () => {
  const report = await recordServer(false, IN_TWO)
  expect(foundIn(report), report.summary).toContain('delayed-ack-stall')
  expect(faultsIn(report)).toEqual([])
})

it.each([
  ['the same without the delay', true, IN_TWO],
  ['an answer that takes as long', false, "setTimeout(() => response.end('body'), 41)"],
] as const)('is not of %s', OPTIONS, async (_, noDelay, respond) => {
  const report = await recordServer(noDelay, respond)
  expect(foundIn(report), report.summary).not.toContain('delayed-ack-stall')
})

it(
  'hides no queue behind it: of one connection alone each answer comes on a connection of its own',
  OPTIONS,
  async () => {
    const oneAtATime = `let last = Promise.resolve()
    const turn = (work) => (last = last.then(() => new Promise((done) => setTimeout(done, 8))).then(work))`
    const report = await recordServer(false, `turn(() => { ${IN_TWO} })`, oneAtATime)
    expect(faultsIn(report), report.summary).toEqual(['async-mutex-serialisation'])
  },
)
