/** More than one process, and processes in containers: the agent gets to all, with the ids that holdup sees. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AttachRun } from '../support/attach.ts'
import { agents, attach, nodeNote, startTarget, UNTOUCHED } from '../support/attach.ts'
import { until } from '../support/process.ts'
import { isRoot } from '../support/targets.ts'

/** As a container has it. */
const LOOPBACK = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
/** Another file system there, in which the target's own folder is again. */
const OTHER_TMP = [
  'sh',
  '-c',
  'd=${2%/*} && mount --bind "$d" /mnt && mount -t tmpfs none /tmp && mkdir -p "$d" && mount --bind /mnt "$d" && exec "$@"',
  'sh',
]
const WORKER = `new Worker('setInterval(() => {}, 50)', { eval: true })`

/** Each thread that spoke, with its id in the sweeps over the process' threads. */
async function isSwept(run: AttachRun, pid: number): Promise<boolean[]> {
  const swept = new Set(
    (await run.recording()).records.flatMap((record) =>
      record.k === 'threads' && record.pid === pid ? record.tids : [],
    ),
  )
  return (await agents(run)).map((agent) => agent.pid === pid && swept.has(agent.tid))
}

describe('more than one process', () => {
  it('a cluster: its primary and its workers', async () => {
    const target = await startTarget(`
      const cluster = require('node:cluster')
      cluster.setupPrimary({ exec: '/dev/null' })
      more.pids = [cluster.fork(), cluster.fork()].map((worker) => worker.process.pid)
    `)
    const { pids } = await until(() => ('pids' in target.state() ? target.state() : null))
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toBeUndefined()
    expect(new Set((await agents(run)).map(({ pid }) => pid))).toEqual(new Set([target.pid, ...(pids as number[])]))
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
    expect(target.ports()).toEqual([])
  })

  it('a child that is made after the attach', async () => {
    const target = await startTarget(`
      const { spawn } = require('node:child_process')
      const idles = ['-e', 'setInterval(() => {}, 100)']
      setInterval(() => {
        if (Symbol.for('holdup.agent') in globalThis) more.child ??= spawn(process.execPath, idles, { stdio: 'ignore' }).pid
      }, 50)
    `)
    const run = await attach(target.pid, '-d', '4s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toBeUndefined()
    expect((await agents(run)).map(({ pid }) => pid)).toEqual([target.pid, target.state()['child']])
  })

  it('one that has exited by then', async () => {
    const target = await startTarget(`
      const { spawn } = require('node:child_process')
      setInterval(() => spawn(process.execPath, ['-e', 'setTimeout(() => {}, 50)'], { stdio: 'ignore' }), 400)
    `)
    const run = await attach(target.pid, '-d', '3s')
    expect(run.code, run.stderr).toBe(0)
    expect((await agents(run)).some(({ pid }) => pid === target.pid)).toBe(true)
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
  })
})

describe('in a container', () => {
  it.skipIf(!isRoot).each([
    ['pid and mount namespace', ['unshare', '--pid', '--fork', '--mount-proc', '--mount']],
    ['network namespace', ['unshare', '--net', ...LOOPBACK]],
    ['user namespace', ['unshare', '--user', '--map-root-user']],
    [
      'all of these',
      ['unshare', '--user', '--map-root-user', '--net', '--pid', '--fork', '--mount-proc', '--mount', ...LOOPBACK],
    ],
    ['temporary folder', ['unshare', '--mount', ...OTHER_TMP]],
  ])('with its own: %s (needs root)', async (_name, wrap) => {
    const target = await startTarget(WORKER, { wrap })
    await until(() => readFileSync(`/proc/${target.pid}/comm`, 'utf8'))
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toBeUndefined()
    expect(await isSwept(run, target.pid)).toEqual([true, true])
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
    expect(target.ports()).toEqual([])
  })

  it.skipIf(!isRoot)("of another user's process (needs root)", async () => {
    const target = await startTarget(WORKER, { wrap: ['setpriv', '--reuid', '65534', '--clear-groups'] })
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(await isSwept(run, target.pid)).toEqual([true, true])
  })
})
