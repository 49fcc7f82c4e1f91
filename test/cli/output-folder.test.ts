import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeOutputFolder } from '../../src/cli/output-folder.ts'

it('runs that begin in one second have a folder each; one that is named is taken as it is', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'holdup-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  vi.spyOn(process, 'cwd').mockReturnValue(cwd)
  onTestFinished(() => void vi.restoreAllMocks())
  const at = new Date(2026, 0, 2, 3, 4, 5)
  const make = (given?: string) => basename(makeOutputFolder(given, ['node', 'server.mjs'], at))
  const name = 'server-20260102-030405'
  expect([make(), make(), make()]).toEqual([name, `${name}-2`, `${name}-3`])
  expect([make('mine'), make('mine')]).toEqual(['mine', 'mine'])
})
