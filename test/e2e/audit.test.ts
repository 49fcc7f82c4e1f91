import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { CLI, ROOT, runCli, temporaryFolder } from '../support/cli.ts'

const SERVER = `require('node:http').createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1')
process.on('SIGTERM', () => process.exit())`

/** A folder with the configuration in it. */
function folderWith(config: unknown): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'holdup.config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'server.js'), SERVER)
  return folder
}

const fixture = (name: string) =>
  folderWith({
    scenarios: {
      [name]: {
        command: join(ROOT, 'fixtures/node', name, 'run.sh'),
        load: { url: '/search?q=tree', connections: 32 },
        duration: '8s',
      },
    },
    budgets: ['findings.critical = 0', 'signals.http.errors = 0'],
    repeat: 1,
  })

test('exits with 1 on the broken fixture, and says where', async () => {
  const cwd = fixture('mutex-pool')
  const { code, stdout } = await runCli(['audit', '--sarif', 'audit.sarif', '--junit', 'audit.xml'], { cwd })
  expect(code).toBe(1)
  expect(stdout).toContain('1 of 2 budgets broken.')
  expect(readFileSync(join(cwd, 'audit.xml'), 'utf8')).toContain('failures="1"')
  expect(readFileSync(join(cwd, 'audit.sarif'), 'utf8')).toContain('"ruleId": "global-mutex"')
}, 60_000)

test('exits with 0 on the fixed one', async () => {
  const cwd = fixture('async')
  const { code, stdout } = await runCli(['audit'], { cwd })
  expect(stdout).toContain('All 2 budgets held.')
  expect(code).toBe(0)
}, 60_000)

describe('exits with 2', () => {
  const scenario = (changes: object) => ({ scenarios: { a: { command: 'node server.js', ...changes } } })
  test.each([
    [
      'for a wrong budget',
      scenario({ budgets: ['signals.cpu.corse < 1'] }),
      'holdup.config.json:1:58: scenarios.a.budgets.0 is wrong',
    ],
    ['for a wrong setting', scenario({ durations: '3s' }), 'scenarios.a.durations is wrong'],
    ['for a wrong duration', scenario({ duration: '3' }), 'scenarios.a.duration is wrong'],
    [
      'without the baseline that a budget needs',
      scenario({ budgets: ['signals.cpu.cores <= baseline'] }),
      'has no baseline',
    ],
    ['for a command that is none', scenario({ command: 'exit 3', load: { url: '/' } }), 'ended before it was measured'],
  ])('%s', async (_, config, said) => {
    const { code, stderr } = await runCli(['audit', '--quiet'], { cwd: folderWith(config) })
    expect(stderr).toContain(said)
    expect(code).toBe(2)
  })

  test('without a configuration', async () => {
    const { code, stderr } = await runCli(['audit'], { cwd: temporaryFolder() })
    expect(stderr).toContain('there is no configuration at holdup.config.json')
    expect(code).toBe(2)
  })
})

test("the guide's workflow does what it says", () => {
  const guide = readFileSync(join(ROOT, 'docs/guides/ci.md'), 'utf8')
  const block = (name: string) => new RegExp(`<!-- ${name} -->\n\`\`\`\\w+\n([^]*?)\`\`\``).exec(guide)?.[1] ?? ''
  const commands = [...block('workflow').matchAll(/- run: (.*holdup.*)/g)].map(([, command = '']) => command)
  expect(commands).toHaveLength(2)
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'holdup.config.json'), block('config'))
  writeFileSync(join(cwd, 'server.js'), SERVER)
  // What npm ci makes of a project that depends on holdup.
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(cwd, 'node_modules/.bin/holdup'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, {
    mode: 0o755,
  })
  const summary = join(cwd, 'summary.md')
  for (const command of commands) {
    const { status, stderr, stdout } = spawnSync('sh', ['-c', command], {
      cwd,
      env: { ...process.env, GITHUB_STEP_SUMMARY: summary },
      encoding: 'utf8',
    })
    expect(status, stdout + stderr).toBe(0)
  }
  expect(readFileSync(summary, 'utf8')).toContain('All 4 budgets held.')
  expect(['audit.xml', 'audit.sarif', 'reports/audit/audit.md'].every((file) => existsSync(join(cwd, file)))).toBe(true)
  expect(existsSync(join(cwd, 'holdup-baselines/search/3'))).toBe(true)
}, 120_000)
