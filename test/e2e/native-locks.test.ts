/**
 * What fixtures.test.ts leaves open of native locks: verdicts at other intensities, without symbols, without root, and without
 * traffic.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it as base } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { LoadDriver } from '../../src/load/load-driver.ts'
import { readRequestsFile } from '../../src/load/requests-file.ts'
import { waitForUrl } from '../../src/load/wait-for-url.ts'
import type { Report } from '../../src/report/model.ts'
import { CLI, runCli, temporaryFolder } from '../support/cli.ts'
import { attachFixture, fixtureFolder, foundIn, QUERIES, recordFixture } from '../support/fixture.ts'
import { buildNative, hasCommand } from '../support/native-fixture.ts'
import { AS_NOBODY, isRoot } from '../support/targets.ts'

const it = base.skipIf(!hasCommand('g++'))
const FAMILY = [
  'deadlock-or-stuck',
  'allocator-lock',
  'synchronous-logger-lock',
  'lock-held-across-blocking',
  'write-lock-on-read-path',
  'hot-cache-lock',
  'lock-convoy',
  'global-mutex',
]
const YAMA = '/proc/sys/kernel/yama/ptrace_scope'
const isScoped = existsSync(YAMA) && readFileSync(YAMA, 'utf8').trim() !== '0'
const options = { timeout: 90_000, retry: 1 }

/** What was found of locks: one finding for one lock. */
const locksIn = (report: Report) => foundIn(report).filter((id) => FAMILY.includes(id))

// Of a weak fault one in four may be missed, which takes many runs to tell: `npm run bench:catalogue -- --intensities weak`.
describe('severe, launched', () => {
  const faults = [
    ['shared-connection', 'lock-held-across-blocking'],
    ['sync-logger', 'synchronous-logger-lock'],
    ['write-locked-index', 'write-lock-on-read-path'],
    ['shared-counters', 'lock-convoy'],
    ['single-arena', 'allocator-lock'],
    ['copying-cache', 'hot-cache-lock'],
  ] as const
  beforeAll(() => faults.forEach(([name]) => hasCommand('g++') && buildNative('cpp', name)), 120_000)

  it.each(faults)('%s: %s', options, async (name, id) => {
    const { report } = await recordFixture(`cpp/${name}`, { seconds: 6, env: { INTENSITY: 'severe' } })
    expect(locksIn(report), report.summary).toEqual([id])
  })
})

describe('without symbols', () => {
  // Whose the lock is in, a logger, only names tell: what its holder does is seen all the same.
  const verdicts = [
    ['shared-connection', 'lock-held-across-blocking'],
    ['sync-logger', 'lock-held-across-blocking'],
    ['write-locked-index', 'write-lock-on-read-path'],
    ['single-arena', 'allocator-lock'],
    ['lock-order', 'deadlock-or-stuck'],
  ] as const
  const ways = { launched: recordFixture, attached: attachFixture }
  const runs = verdicts.flatMap(([name, id]) =>
    Object.entries(ways).map(([way, record]) => ({ name, id, way, record })),
  )
  beforeAll(() => verdicts.forEach(([name]) => hasCommand('g++') && buildNative('cpp', name, 'stripped')), 120_000)

  it.each(runs)('$name, $way: $id', options, async ({ name, id, record }) => {
    const { report } = await record(`cpp/${name}`, { env: { VARIANT: 'stripped' } })
    expect(locksIn(report), report.summary).toEqual([id])
  })
})

describe('a deadlock', () => {
  it('is told as who waits for what, by whom held', options, async () => {
    const { report } = await recordFixture('cpp/lock-order')
    const [found] = report.results.find(({ id }) => id === 'deadlock-or-stuck')?.findings ?? []
    expect(found?.summary).toMatch(
      /thread (query-\d+|rebalancer) \(\d+\) holds L1 and waits for L2, and thread (query-\d+|rebalancer) \(\d+\) holds L2 and waits for L1\./,
    )
    const holders = found?.where.filter(({ role }) => role.startsWith('holder of')).map(({ stack }) => stack.join('\n'))
    expect(holders?.some((stack) => stack.includes('count_hit'))).toBe(true)
    expect(holders?.some((stack) => stack.includes('drop_cold'))).toBe(true)
  })

  it('is none where nothing comes', options, async () => {
    const folder = temporaryFolder()
    const port = await freePort()
    const script = join(fixtureFolder('cpp/lock-order'), 'run.sh')
    const env = { PORT: String(port), NODE: process.execPath }
    const { stdout } = await runCli(['run', '--json', '-d', '9s', '-o', folder, '--', script], { env })
    const report = JSON.parse(stdout) as Report
    expect(locksIn(report)).toEqual([])
    expect(foundIn(report)).toContain('no-load')
  })
})

describe('attached by somebody who is not root', () => {
  const wrap = isRoot ? AS_NOBODY : []
  const canWrap = !isRoot || spawnSync(AS_NOBODY[0] ?? '', ['--version']).status === 0
  const attached = base.skipIf(!hasCommand('g++') || !canWrap || isScoped)
  attached.each([
    ['shared-connection', 'lock-held-across-blocking'],
    ['lock-order', 'deadlock-or-stuck'],
  ])('%s: %s', options, async (name, id) => {
    const report = await attachAs(wrap, `cpp/${name}`)
    expect(locksIn(report), report.summary).toEqual([id])
  })
})

/** Starts a fixture and load on it, and attaches to it, both as whoever `wrap` makes of us. */
async function attachAs(wrap: readonly string[], name: string): Promise<Report> {
  const folder = temporaryFolder()
  chmodSync(folder, 0o777)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/search?q=tree`
  const [command, ...args] = [...wrap, join(fixtureFolder(name), 'run.sh')]
  const env = { ...process.env, PORT: String(port), NODE: process.execPath }
  const server = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(server, 'exit')
  const load = new LoadDriver()
  try {
    await waitForUrl(url, { timeoutMs: 60_000, alive: () => server.exitCode === null })
    await load.drive({ url, connections: 32, paths: await readRequestsFile(QUERIES) })
    await sleep(3000)
    const [holdup, ...rest] = [
      ...wrap,
      process.execPath,
      CLI,
      'attach',
      String(server.pid),
      '--json',
      '-d',
      '7s',
      '-o',
      folder,
    ]
    const attach = spawn(holdup, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    attach.stdout.on('data', (chunk) => (stdout += String(chunk)))
    await once(attach, 'close')
    return JSON.parse(stdout) as Report
  } finally {
    await load.stop()
    server.kill('SIGTERM')
    await ended
  }
}
