import { once } from 'node:events'
import { createServer } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Check } from '../../src/cli/doctor/check.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import type { CliOptions } from '../support/cli.ts'

async function doctor(options?: CliOptions): Promise<{ summary: string; check: (what: string) => Check | undefined }> {
  const { code, stdout, stderr } = await runCli(['doctor', '--json'], options)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const { summary, checks } = JSON.parse(stdout) as { summary: string; checks: Check[] }
  return { summary, check: (name) => checks.find(({ what }) => what === name) }
}

describe('holdup doctor', () => {
  it('says in its first sentence what can be recorded here, then one row for each need', async () => {
    const { code, stdout } = await runCli(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^holdup can record (everything here|here, but [^]*?)\.\n\n/)
    for (const what of [
      'Node.js',
      'Node agent',
      'native agent',
      'pipe to the agent',
      '/proc',
      'schedstat',
      'blocked-in',
      'attaching',
    ])
      expect(stdout).toMatch(new RegExp(`^${what.replace('.', '\\.')} +(ok|degraded|missing) +\\S`, 'm'))
    for (const what of ['other users', 'containers', 'cores', 'reports', 'disk'])
      expect(stdout).toMatch(new RegExp(`^${what} +(ok|degraded|missing) +\\S`, 'm'))
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('says what is lost without /proc, and how to have it back', async () => {
    const { summary, check } = await doctor({ env: { HOLDUP_NO_PROC: '1' } })
    expect(summary).toMatch(/^holdup can record here, but .*it sees no threads/)
    expect(check('/proc')).toMatchObject({
      state: 'missing',
      means: expect.stringMatching(/^HOLDUP_NO_PROC is 1, must be unset: /),
      command: 'unset HOLDUP_NO_PROC',
    })
    expect(check('schedstat')).toBeUndefined()
  })

  it('says why no pipe can be made', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const nowhere = await doctor({ env: { TMPDIR: join(folder, 'file') } })
    expect(nowhere.check('pipe to the agent')).toMatchObject({
      state: 'missing',
      means: expect.stringContaining(join(folder, 'file')),
      command: 'TMPDIR="$HOME" holdup run -- node server.js',
    })
    const noMkfifo = await doctor({ env: { PATH: folder } })
    expect(noMkfifo.check('pipe to the agent')).toMatchObject({ command: 'sudo apt-get install coreutils' })
    expect(noMkfifo.check('containers')).toMatchObject({ means: expect.stringMatching(/^nsenter is not on the PATH/) })
  })

  it("says who has the inspector's port", async ({ skip }) => {
    const server = createServer().on('error', () => {})
    server.listen(9229, '127.0.0.1')
    await Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => {})
    if (!server.listening) skip('another process has the port')
    onTestFinished(() => void server.close())
    const { summary, check } = await doctor()
    expect(summary).toContain('port 9229 is taken')
    expect(check('attaching')).toMatchObject({
      state: 'degraded',
      means: expect.stringMatching(`^pid ${process.pid} \\(.*\\) listens on port 9229, which must be free`),
      command: "ss -ltnp 'sport = :9229'",
    })
  })
})
