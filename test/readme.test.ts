import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { ROOT } from './support/cli.ts'

it("README's generated tables are up to date", () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/readme.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})
