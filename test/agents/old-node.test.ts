import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TARGET_NODE } from '../support/agent.ts'
import { ROOT } from '../support/cli.ts'
import { script } from '../support/process.ts'

const AGENT = join(ROOT, 'dist/agents/node/agent.cjs')

it('a Node that the agent cannot be loaded in runs without it', () => {
  const older = script('delete process.getBuiltinModule', 'older.cjs')
  const run = spawnSync(TARGET_NODE, ['-r', older, '-r', AGENT, '-p', '1 + 1'], { encoding: 'utf8' })
  expect(run).toMatchObject({ stdout: '2\n', stderr: '', status: 0 })
})
