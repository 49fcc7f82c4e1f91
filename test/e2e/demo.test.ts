/** `holdup demo`, the built CLI. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startCli, temporaryFolder } from '../support/cli.ts'
import { until } from '../support/process.ts'

it('Ctrl-C ends all of it, with a report on what was recorded', { timeout: 90_000 }, async () => {
  const out = join(temporaryFolder(), 'out')
  const { child, done } = startCli(['demo', '-d', '30s', '-o', out])
  let said = ''
  child.stdout?.on('data', (chunk) => (said += String(chunk)))
  await until(() => existsSync(join(out, 'mutex-pool/recording.ndjson')), 60_000)
  await new Promise((resolve) => setTimeout(resolve, 5000))
  child.kill('SIGINT')
  const { code } = await done
  expect(code).toBe(130)
  expect(said).toMatch(/^mutex-pool: .+\.$/m)
  expect(said).not.toContain('thread-per-query')
  expect(existsSync(join(out, 'mutex-pool/report.html'))).toBe(true)
})

it('--thorough runs each in turn, with a search for its capacity', { timeout: 120_000 }, async () => {
  const out = join(temporaryFolder(), 'out')
  const { done } = startCli(['demo', 'async', '--thorough', '--rounds', '1', '-d', '2s', '-o', out])
  const { code, stdout } = await done
  expect(code).toBe(0)
  const [, capacity] =
    /round 1 of 1 · async: .+ requests\/s with 32 connections; (\d+) of them hold p99<300ms/.exec(stdout) ?? []
  expect(Number(capacity)).toBeGreaterThan(1)
  expect(existsSync(join(out, 'async/1/report.html'))).toBe(true)
  expect(existsSync(join(out, 'async/1/capacity/report.html'))).toBe(true)
})
