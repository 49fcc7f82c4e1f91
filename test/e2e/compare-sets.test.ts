import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SetComparison } from '../../src/compare/sets.ts'
import { CHROMIUM } from '../report/chromium.ts'
import { pageFaults } from '../report/page-faults.ts'
import { useBrowser } from '../report/use-browser.ts'
import { ROOT, runCli, temporaryFolder } from '../support/cli.ts'

const TARGET = join(ROOT, 'bench/lib/compare-target.mjs')
const chromium = CHROMIUM === null ? null : useBrowser()

test('two commands are run in turn, and their recordings compare again as sets', async () => {
  const folder = temporaryFolder()
  const run = ['--run', `node ${TARGET}`, '--run', `EXTRA_CPU=1 node ${TARGET}`, '--rounds', '2']
  const load = ['--load', '/', '-c', '4', '-d', '2s', '--warmup', '300ms']
  const { code, stdout, stderr } = await runCli(['compare', ...run, ...load, '-o', folder, '--json'])
  expect(code, stderr).toBe(0)
  const { rows, pairs } = JSON.parse(stdout) as SetComparison
  expect(pairs).toBe(2)
  const cpu = rows.find(({ id }) => id === 'cpu-per-request')
  expect(cpu).toMatchObject({ verdict: 'too few runs', pairs: 2 })
  expect(cpu?.change?.change).toBeGreaterThan(0.5)
  expect(existsSync(join(folder, 'comparison.html'))).toBe(true)
  if (chromium) expect(await pageFaults(chromium.browser, join(folder, 'comparison.html'))).toEqual([])

  const sides = ['before', 'after'].map((side) => [1, 2].map((n) => join(folder, side, String(n))))
  const [before = [], after = []] = sides
  const listed = await runCli(['compare', ...before, '--with', ...after, '--json'])
  const inFolders = await runCli(['compare', join(folder, 'before'), join(folder, 'after'), '--json'])
  expect(JSON.parse(listed.stdout)).toEqual(JSON.parse(stdout))
  // The second pair was run the other way round: by its own time each set is still in order.
  expect((JSON.parse(inFolders.stdout) as SetComparison).rows).toEqual(rows)

  const unequal = await runCli(['compare', ...before, '--with', ...after.slice(1)])
  expect(unequal.code).toBe(2)
  expect(unequal.stderr).toContain('2 recordings before and 1 after do not pair')
}, 60_000)
