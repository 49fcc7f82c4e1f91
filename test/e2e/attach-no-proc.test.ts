/** Where there is no /proc, as on macOS, what needs none still works. */
import { expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { startTarget } from '../support/attach.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'

const env = { HOLDUP_NO_PROC: '1' }

it('attaches by pid for CPU and memory, and says that the agent stays out', async () => {
  const target = await startTarget()
  const out = temporaryFolder()
  const { code, stderr } = await runCli(['attach', String(target.pid), '-d', '4s', '-o', out], { env })
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('no agent')
  const { stdout } = await runCli(['report', out, '--json'])
  const { signals } = JSON.parse(stdout) as Report
  expect(signals.memory?.rssPeakBytes).toBeGreaterThan(1e6)
  expect(signals.lockWait).toBeNull()
  expect(target.said().trim()).toBe('ready')
})

it('says what finding by port needs', async () => {
  const { code, stderr } = await runCli(['attach', '--port', '8080'], { env, cwd: temporaryFolder() })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: .*needs \/proc\nwhy: .*\ntry: .*\n$/)
})
