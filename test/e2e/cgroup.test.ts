/** A server in a control group with a CPU limit, and the same server under a limit that it cannot reach. */
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import type { Report } from '../../src/report/model.ts'
import { faultsIn, foundIn } from '../support/fixture.ts'
import { makeCpuGroup } from '../support/cpu-group.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { script } from '../support/process.ts'

const SERVER = `
  import { createServer } from 'node:http'
  createServer((request, response) => {
    const end = performance.now() + 3
    while (performance.now() < end);
    response.end('ok')
  }).listen(Number(process.env.PORT), '127.0.0.1')
`

async function recordIn(cores: number): Promise<Report> {
  const group = makeCpuGroup(cores)
  if (!group) throw new Error('no control group can be made')
  onTestFinished(group.remove)
  const port = await freePort()
  const load = ['--load', `http://127.0.0.1:${port}/`, '-c', '4', '--warmup', '2s', '-d', '10s']
  const command = ['sh', '-c', `${group.enter}; exec "${process.execPath}" ${script(SERVER)}`]
  const args = ['run', '--json', '-o', join(temporaryFolder(), 'out'), ...load, '--', ...command]
  const { code, stdout, stderr } = await runCli(args, { env: { PORT: String(port) } })
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as Report
}

async function mayMakeGroups(): Promise<boolean> {
  const group = makeCpuGroup(1)
  await group?.remove()
  return group !== null
}

describe.skipIf(!(await mayMakeGroups()))(
  'a CPU limit (needs control groups that may be written)',
  { timeout: 60_000 },
  () => {
    it('that is used up in most periods is found, and nothing else is blamed', async () => {
      const report = await recordIn(0.4)
      expect(faultsIn(report), report.summary).toEqual(['cgroup-cpu-throttling'])
      expect(report.signals.cpu?.available).toBe(0.4)
      expect(report.signals.cpu?.cores).toBeLessThan(0.45)
    })

    it('that a busy server never reaches is not', async () => {
      const report = await recordIn(1.8)
      expect(foundIn(report), report.summary).not.toContain('cgroup-cpu-throttling')
      expect(report.results.find(({ id }) => id === 'cgroup-cpu-throttling')?.status).toBe('clean')
      expect(report.signals.cpu?.available).toBe(1.8)
    })
  },
)
