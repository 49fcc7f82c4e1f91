/** The pipe to the agent of a process that runs already: where it lies, and that nobody turns it against holdup. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agents, attach, startTarget, UNTOUCHED } from '../support/attach.ts'
import { runCli, temporaryFolder } from '../support/cli.ts'
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
  const run = await runCli(['run', '-o', join(folder, 'out'), '--', process.execPath, '-e', '0'], {
    env: { TMPDIR: folder },
  })
  expect(run.code, run.stderr).toBe(0)
  expect([own, foreign, full].map((path) => existsSync(path))).toEqual([false, true, true])
})
