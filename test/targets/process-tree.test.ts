import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ProcessTree } from '../../src/targets/process-tree.ts'
import { parsePs } from '../../src/targets/ps-listing.ts'
import { isAlive, script, startScript, until } from '../support/process.ts'

const IDLE = `setInterval(() => {}, 1000)`
/** A cluster of two, a fork and a shell's child. */
const FAMILY = `
  import cluster from 'node:cluster'
  import { fork, spawn } from 'node:child_process'
  if (cluster.isPrimary) {
    const idle = ${JSON.stringify('IDLE_FILE')}
    cluster.fork(); cluster.fork()
    fork(idle, ['forked'])
    spawn('sh', ['-c', process.execPath + ' ' + idle + ' shelled; true'])
    setTimeout(() => console.log('ready'), 500)
  }
  ${IDLE}
`
/** Starts a child through a shell that then dies, so that init adopts the child; SIGKILL of the parent leaves it. */
const ORPHANING = `
  import { spawn } from 'node:child_process'
  spawn('sh', ['-c', 'sleep 30 & echo $!; read end'], { stdio: ['pipe', 'inherit', 'inherit'] })
  process.stdin.once('data', () => process.exit())
  console.log('ready')
`

async function eventually<T>(list: () => readonly T[], length: number): Promise<readonly T[]> {
  return until(() => (list().length === length ? list() : null))
}

describe.each([
  ['through /proc', ''],
  ['through ps', '1'],
])('the tree %s', (_how, noProc) => {
  const treeOf = (pid: number) => {
    process.env['HOLDUP_NO_PROC'] = noProc
    const tree = new ProcessTree(pid)
    delete process.env['HOLDUP_NO_PROC']
    return tree
  }

  it('has cluster workers, forks and what a shell started, the root first', async () => {
    const root = await startScript(FAMILY.replace('IDLE_FILE', script(IDLE)))
    const tree = treeOf(root.pid)
    const listed = await eventually(() => tree.list(), 6)
    expect(listed[0]?.pid).toBe(root.pid)
    const commands = listed.map(({ command }) => command)
    expect(commands.filter((command) => command.endsWith(' forked'))).toHaveLength(1)
    expect(commands.filter((command) => command.endsWith(' shelled'))).toHaveLength(1)
    expect(commands.filter((command) => command.startsWith('sh -c'))).toHaveLength(1)
    const shell = listed.find(({ command }) => command.startsWith('sh -c'))
    expect(listed.find(({ command }) => command.endsWith(' shelled'))?.ppid).toBe(shell?.pid)
  })

  it('keeps what init adopted, and loses the dead', async () => {
    const root = await startScript(ORPHANING)
    const tree = treeOf(root.pid)
    const before = await eventually(() => tree.list(), 3)
    const sleeper = before.find(({ command }) => command.startsWith('sleep'))
    root.kill('SIGKILL')
    const left = await eventually(() => tree.list(), 1)
    expect(left[0]?.pid).toBe(sleeper?.pid)
    expect(left[0]?.ppid).not.toBe(sleeper?.ppid)
    process.kill(sleeper?.pid ?? 0, 'SIGKILL')
    await eventually(() => tree.list(), 0)
  })

  it('is empty where there is no such process', async () => {
    expect(await treeOf(2 ** 22 + 1).refresh()).toEqual([])
  })

  it('redacts commands', async () => {
    const root = await startScript(`console.log('ready'); ${IDLE}`, ['--password', 'hunter2hunter2'])
    const [listed] = await treeOf(root.pid).refresh()
    expect(listed?.command).toContain('--password')
    expect(listed?.command).not.toContain('hunter2')
  })
})

describe('with /proc', () => {
  it('shows a command as it is after its exec', async () => {
    const root = await startScript(`
      import { spawn } from 'node:child_process'
      spawn('sh', ['-c', 'sleep 0.3; exec sleep 31'])
      console.log('ready'); ${IDLE}`)
    const tree = new ProcessTree(root.pid)
    const shell = await until(() => tree.list().find(({ command }) => command.startsWith('sh -c')))
    await until(() => tree.list().find(({ pid, command }) => pid === shell.pid && command === 'sleep 31'))
  })

  it('finds by the session what was adopted before it was seen', async () => {
    const root = await startScript(`
      import { spawn } from 'node:child_process'
      const leader = spawn('sh', ['-c', '(sleep 32 & echo $!); exec sleep 33'], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
      console.log('leader', leader.pid, 'ready'); ${IDLE}`)
    const leader = Number(/leader (\d+)/.exec(root.said())?.[1])
    await until(() => /^\d+$/m.test(root.said()))
    const commands = (ownsSession: boolean) =>
      new ProcessTree(leader, { ownsSession }).list().map(({ command }) => command)
    await until(() => commands(true).includes('sleep 33'))
    expect(commands(true)).toEqual(['sleep 33', 'sleep 32'])
    expect(commands(false)).toEqual(['sleep 33'])
    process.kill(-leader, 'SIGKILL')
  })

  it('leaves holdup out when it runs below the process it looks at', () => {
    const pids = new ProcessTree(process.ppid).list().map(({ pid }) => pid)
    expect(pids).toContain(process.ppid)
    expect(pids).not.toContain(process.pid)
  })

  it('takes well under a millisecond', async () => {
    const root = await startScript(FAMILY.replace('IDLE_FILE', script(IDLE)))
    const tree = new ProcessTree(root.pid)
    await eventually(() => tree.list(), 6)
    // Command lines of the young are read each time.
    await sleep(1200)
    tree.list()
    const before = process.cpuUsage()
    for (let i = 0; i < 100; i++) tree.list()
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000 / 100).toBeLessThan(1)
    expect(isAlive(root.pid)).toBe(true)
  })
})

it('reads what ps prints', () => {
  const listed = parsePs(
    [
      '    1     0 2-03:04:05 /sbin/init splash',
      '  200     1    01:02:03 node server.js',
      ' 3000   200       00:07 sh -c sleep 1',
      ' 3001   200       00:07 [sleep] <defunct>',
      'garbage',
    ].join('\n'),
    1_000_000,
  )
  expect(
    [...listed.values()].map(({ pid, ppid, start, command }) => [pid, ppid, 1_000_000 - start, command()]),
  ).toEqual([
    [1, 0, 183_845, '/sbin/init splash'],
    [200, 1, 3723, 'node server.js'],
    [3000, 200, 7, 'sh -c sleep 1'],
  ])
})
