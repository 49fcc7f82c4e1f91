import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { processFacts } from '../../src/targets/process-facts.ts'
import { startScript, stateOf, until } from '../support/process.ts'
import { AS_NOBODY, asNobody, child, isRoot, startProcess, startZombie } from '../support/targets.ts'

const IDLE = `setInterval(() => {}, 1000)`
const readyIdle = `console.log('ready'); ${IDLE}`

describe('the facts of a process', () => {
  it('are those of a Node of ours: it catches SIGUSR1, shares our namespaces and is readable', async () => {
    const { pid } = await startScript(readyIdle)
    expect(processFacts(pid)).toMatchObject({
      pid,
      ppid: process.pid,
      state: 'S',
      uid: process.geteuid?.(),
      gid: process.getegid?.(),
      catchesSigusr1: true,
      otherNamespaces: [],
      descriptorsReadable: true,
      readable: true,
    })
    expect(processFacts(pid)?.pids.at(-1)).toBeGreaterThan(0)
  })

  it('count its threads', async () => {
    const { pid } = await startScript(readyIdle)
    expect(processFacts(pid)?.threads).toBe(readdirSync(`/proc/${pid}/task`).length)
  })

  it('say of a program without a handler that SIGUSR1 would kill it', async () => {
    const pid = await startProcess(['sleep', '60'])
    expect(processFacts(pid)).toMatchObject({ threads: 1, catchesSigusr1: false })
    process.kill(pid, 'SIGUSR1')
    await until(() => processFacts(pid) === null)
  })

  it('say that it is stopped', async () => {
    const { pid } = await startScript(readyIdle)
    process.kill(pid, 'SIGSTOP')
    await until(() => stateOf(pid) === 'T')
    expect(processFacts(pid)).toMatchObject({ state: 'T', catchesSigusr1: true })
  })

  it('are had of a zombie too', async () => {
    const { zombie, parent } = await startZombie()
    expect(processFacts(zombie)).toMatchObject({ pid: zombie, ppid: parent, state: 'Z', catchesSigusr1: false })
  })

  it('are none of what is gone, never was, or is a thread', async () => {
    const { pid } = await startScript(readyIdle)
    const thread = Number(readdirSync(`/proc/${pid}/task`).find((tid) => Number(tid) !== pid))
    expect(processFacts(thread)).toBeNull()
    expect(processFacts(2 ** 22 + 1)).toBeNull()
    process.kill(pid, 'SIGKILL')
    await until(() => processFacts(pid) === null)
  })
})

describe.skipIf(!isRoot)('with root (needs it for namespaces and other users)', () => {
  it('a process in a pid namespace has a pid in each, and the namespaces in which it is apart', async () => {
    const outer = await startProcess(['unshare', '--pid', '--fork', '--mount-proc', 'sleep', '60'])
    const pid = await until(() => child(outer))
    await until(() => processFacts(pid)?.otherNamespaces?.length === 2)
    expect(processFacts(pid)).toMatchObject({ otherNamespaces: ['pid', 'mnt'], pids: [pid, 1], readable: true })
  })

  it('a process in a network namespace is apart in that alone', async () => {
    const pid = await startProcess(['unshare', '-n', 'sleep', '60'], 'sleep')
    expect(processFacts(pid)?.otherNamespaces).toEqual(['net'])
  })

  it('the process of another user has its uid', async () => {
    const pid = await startProcess([...AS_NOBODY, 'sleep', '60'], 'sleep')
    expect(processFacts(pid)).toMatchObject({ uid: 65_534, gid: 65_534, descriptorsReadable: true, readable: true })
  })

  it("root's process is closed to another user: neither descriptors, nor waits, nor namespaces", async () => {
    const { pid } = await startScript(readyIdle)
    expect(asNobody(() => processFacts(pid))).toMatchObject({
      pid,
      uid: 0,
      catchesSigusr1: true,
      otherNamespaces: null,
      descriptorsReadable: false,
      readable: false,
    })
  })
})
