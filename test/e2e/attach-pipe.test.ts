/** The pipe to the agent of a process that runs already: where it lies, and that nobody turns it against holdup. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processFacts } from '../../src/targets/process-facts.ts'
import { agents, attach, nodeNote, startTarget, UNTOUCHED } from '../support/attach.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
import { until } from '../support/process.ts'
import { AS_NOBODY, isRoot } from '../support/targets.ts'

it.skipIf(!isRoot)("another user's target can't have root write to a file through it (needs root)", async () => {
  const victim = join(temporaryFolder(), 'victim')
  writeFileSync(victim, 'as before')
  const target = await startTarget(
    `
    const handle = () => globalThis[Symbol.for('holdup.agent')]
    const link = () => {
      if (!handle()) return
      clearInterval(looking)
      fs.symlinkSync(${JSON.stringify(victim)}, handle().fifo + '.stop')
    }
    const looking = setInterval(link, 20)
    `,
    { wrap: AS_NOBODY },
  )
  const run = await attach(target.pid, '-d', '1s')
  expect(run.code, run.stderr).toBe(0)
  expect(await agents(run)).toMatchObject([{ pid: target.pid }])
  expect(readFileSync(victim, 'utf8')).toBe('as before')
  expect(await target.fresh()).toMatchObject(UNTOUCHED)
})

const AS_USER = ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups']
/** A file system of its own at /tmp, in which the target's folder is again; then `more`. */
const tmpfs = (more: string) => [
  'sh',
  '-c',
  `d=\${2%/*} && mount --bind "$d" /mnt && mount -t tmpfs none /tmp && mkdir -p "$d" && mount --bind /mnt "$d" && ${more} && exec "$@"`,
  'sh',
]
const READ_ONLY_TMP = 'mount -o remount,ro none /tmp'

describe.skipIf(!isRoot)('the agent reports from where files can hardly be made (needs root)', () => {
  it.each([
    ['a container of a user without rights', [...AS_USER, 'unshare', '-Urm', ...tmpfs('true')]],
    ['a container with a read-only root', ['unshare', '--mount', ...tmpfs(READ_ONLY_TMP)]],
  ])('%s', async (_name, wrap) => {
    const target = await startTarget('', { wrap })
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toBeUndefined()
    expect(await agents(run)).toMatchObject([{ pid: target.pid }])
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
  })

  it('else the recording goes on without it, and says why', async () => {
    const nowhere = `${READ_ONLY_TMP} && mount -t tmpfs -o ro none /dev/shm`
    const target = await startTarget('', { wrap: ['unshare', '--mount', ...tmpfs(nowhere)] })
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toContain('no pipe that it can write to can be made')
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, signals: 0 })
  })

  it("a cluster's workers that became another user", async () => {
    const target = await startTarget(`
      const cluster = require('node:cluster')
      fs.writeFileSync(__dirname + '/worker.cjs', 'process.setgid(65534); process.setuid(65534); setInterval(() => {}, 100)')
      cluster.setupPrimary({ exec: __dirname + '/worker.cjs' })
      more.worker = cluster.fork().process.pid
    `)
    const { worker } = await until(() => ('worker' in target.state() ? target.state() : null))
    await until(() => processFacts(Number(worker))?.uid === 65_534)
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toBeUndefined()
    expect((await agents(run)).map(({ pid }) => pid)).toEqual([target.pid, worker])
    expect(run.stderr.match(/its inspector was open/g)).toHaveLength(2)
  })
})

it.skipIf(!isRoot)('what a killed holdup left is taken away, what is not its own stays (needs root)', async () => {
  const folder = temporaryFolder()
  const old = new Date(Date.now() - 120_000)
  const left = (name: string, uid: number) => {
    const path = join(folder, name)
    mkdirSync(path)
    execFileSync('mkfifo', [join(path, 'agent')])
    utimesSync(join(path, 'agent'), old, old)
    chownSync(path, uid, uid)
    return path
  }
  const [own, foreign] = [left('holdup-own', 0), left('holdup-foreign', 65_534)]
  const full = left('holdup-full', 0)
  writeFileSync(join(full, 'more'), '')
  const empty = join(folder, 'holdup-empty')
  mkdirSync(empty)
  utimesSync(empty, old, old)
  const run = await runCli(['run', '-o', join(folder, 'out'), '--', process.execPath, '-e', '0'], {
    env: { TMPDIR: folder },
  })
  expect(run.code, run.stderr).toBe(0)
  expect([own, empty, foreign, full].map((path) => existsSync(path))).toEqual([false, false, true, true])
})
