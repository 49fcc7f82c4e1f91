// `npm run test:nodes`: the agent's tests and every fixture's verdict with targets on Node 22, 24 and 26, installed here if missing.
import { spawnSync } from 'node:child_process'
import { installNode } from './nodes.mjs'

const majors = process.argv.slice(2).filter((word) => /^\d+$/.test(word))
const files = process.argv.slice(2).filter((word) => !/^\d+$/.test(word))
const tests = files.length > 0 ? files : ['test/agents', 'test/e2e/fixtures.test.ts']
for (const major of majors.length > 0 ? majors : ['22', '24', '26']) {
  const node = installNode(major)
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  console.log(`\ntargets on Node ${version}`)
  const { status } = spawnSync('npx', ['vitest', 'run', ...tests], {
    stdio: 'inherit',
    env: { HOLDUP_WAYS: 'launched,attached', ...process.env, HOLDUP_TEST_NODE: node },
  })
  if (status !== 0) process.exit(1)
}
