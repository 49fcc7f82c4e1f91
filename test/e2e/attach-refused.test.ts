/** What can't be attached to, or not as a whole: holdup says why, and the target doesn't notice. */
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { processFacts } from '../../src/targets/process-facts.ts'
import { installedNode, TARGET_NODE } from '../support/agent.ts'
import { agents, attach, nodeNote, startAttach, startTarget, UNTOUCHED } from '../support/attach.ts'
import { runCli } from '../support/cli.ts'
import { isAlive, stateOf, until } from '../support/process.ts'
import { child, openToAll, runAsNobody, startProcess, startZombie } from '../support/targets.ts'

const OWN_HANDLER = `process.on('SIGUSR1', () => more.signals++)`
const NOBODY_HAS_IT = 2 ** 22 + 1

async function taken(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return server
}

describe('exits with 2, says what is wrong, why and what to try', () => {
  const SAYS = /^error: .*\n *why: .*\n *try: .*\n$/

  it('no such process, a zombie', async () => {
    const { zombie, parent } = await startZombie()
    const [none, dead] = await Promise.all([attach(NOBODY_HAS_IT), attach(zombie)])
    for (const { code, stderr, stdout } of [none, dead]) {
      expect(code).toBe(2)
      expect(stderr).toMatch(SAYS)
      expect(stdout).toBe('')
    }
    expect(none.stderr).toContain('there is no such process')
    expect(dead.stderr).toContain(`holdup attach ${parent}\n`)
  })

  it.skipIf(!openToAll())("another user's process (needs root to be another)", async () => {
    const target = await startTarget(OWN_HANDLER)
    const { code, stderr } = await runAsNobody(['attach', String(target.pid), '-d', '1s'])
    expect(code).toBe(2)
    expect(stderr).toMatch(SAYS)
    expect(stderr).toContain(`sudo holdup attach ${target.pid}`)
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, signals: 0 })
  })
})

describe('goes on with what the system shows', () => {
  it('of a program that is not Node', async () => {
    const port = await freePort()
    const server = await startProcess(['python3', '-m', 'http.server', String(port), '--bind', '127.0.0.1'])
    const sleeper = await startProcess(['sleep', '60'])
    const runs = await Promise.all([server, sleeper].map((pid) => attach(pid)))
    for (const run of runs) {
      expect(run.code, run.stderr).toBe(0)
      expect(await agents(run)).toEqual([])
      expect(run.report().signals.memory?.rssPeakBytes).toBeGreaterThan(0)
      expect(run.report().threadTime.length).toBeGreaterThan(0)
    }
    expect([server, sleeper].every(isAlive)).toBe(true)
  })

  it.skipIf(!installedNode(22) || !installedNode(24))('of a Node that does not catch SIGUSR1', async () => {
    const disabled = await startTarget('', { node: installedNode(22) ?? '', flags: ['--disable-sigusr1'] })
    const confined = await startTarget('', {
      node: installedNode(24) ?? '',
      flags: ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-worker'],
    })
    const targets = [disabled, confined]
    for (const [i, run] of (await Promise.all(targets.map(({ pid }) => attach(pid)))).entries()) {
      expect(run.code, run.stderr).toBe(0)
      expect(run.report().signals.cpu).not.toBeNull()
      expect(nodeNote(run)).toContain(`no agent in pid ${targets[i]?.pid}: it does not catch SIGUSR1`)
      expect(await targets[i]?.fresh()).toMatchObject(UNTOUCHED)
    }
  })

  it('of one that handles SIGUSR1 itself: once at most, and said so', async () => {
    const target = await startTarget(OWN_HANDLER)
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toContain('opens no inspector at SIGUSR1')
    expect(nodeNote(run)).toContain('opens no inspector at SIGUSR1')
    const state = await target.fresh()
    expect(state).toMatchObject(UNTOUCHED)
    expect(state.signals).toBeLessThanOrEqual(1)
  })

  const olds: [string, string, string | null][] = [
    ['has no process.getBuiltinModule, as an older one', 'delete process.getBuiltinModule', TARGET_NODE],
    ['has no global process', 'const process = globalThis.process; delete globalThis.process', TARGET_NODE],
    ['is really old', '', installedNode('20.11.1')],
  ]
  it.each(olds.filter(([, , node]) => node !== null))('of a Node that %s: it lives on', async (_name, source, node) => {
    const target = await startTarget(source, { node: node ?? '' })
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toContain('it has no process.getBuiltinModule')
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
    expect(target.ports()).toEqual([])
    expect(target.said()).toBe('ready\n')
  })

  it('of one that throws at the agent, whose text steers no terminal', async () => {
    const target = await startTarget(
      `Object.defineProperty(globalThis, Symbol.for('holdup.agent'), {
        get() { throw new Error('\\x1b]0;mine\\x07no \\x1b[31magent\\nand more') },
      })`,
    )
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toContain('the agent could not start in it (Error: no agent)\n')
    expect(target.ports()).toEqual([])
  })

  it('of one that ceases to catch SIGUSR1 while holdup waits for its turn, and would die of it', async () => {
    const target = await startTarget(`
      const mine = () => {}
      process.on('SIGUSR1', mine).once('SIGUSR2', () => process.off('SIGUSR1', mine))
    `)
    const turn = createServer().listen('\0holdup-inspector')
    onTestFinished(() => void turn.close())
    const { child: holdup, done } = startAttach(target.pid, '-d', '1s')
    await until(() => child(holdup.pid ?? 0))
    process.kill(target.pid, 'SIGUSR2')
    await until(() => !processFacts(target.pid)?.catchesSigusr1)
    turn.close()
    const run = await done
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toContain('it no longer catches SIGUSR1')
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
  })

  it("where another program has the inspector's port", async () => {
    const port = await freePort()
    await taken(port)
    const target = await startTarget(OWN_HANDLER, { flags: [`--inspect-port=${port}`] })
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toContain(`another program listens on port ${port}`)
    expect(nodeNote(run)).toContain(`another program listens on port ${port}`)
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, signals: 0 })
  })

  it('of one that is stopped: no signal waits for it', async () => {
    const target = await startTarget(OWN_HANDLER)
    const untouched = await startTarget()
    for (const { pid } of [target, untouched]) process.kill(pid, 'SIGSTOP')
    await until(() => [target, untouched].every(({ pid }) => stateOf(pid) === 'T'))
    const runs = await Promise.all([target, untouched].map(({ pid }) => attach(pid)))
    for (const run of runs) {
      expect(run.code, run.stderr).toBe(0)
      expect(nodeNote(run)).toMatch(/it is stopped; kill -CONT \d+ lets it go on/)
    }
    for (const { pid } of [target, untouched]) process.kill(pid, 'SIGCONT')
    await sleep(1000)
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, signals: 0 })
    expect(await untouched.fresh()).toMatchObject(UNTOUCHED)
    expect(untouched.ports()).toEqual([])
  })

  it('where the inspector is not wanted', async () => {
    const target = await startTarget(OWN_HANDLER)
    const run = await attach(target.pid, '--no-inspector')
    expect(run.code, run.stderr).toBe(0)
    expect(await agents(run)).toEqual([])
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, signals: 0 })
  })
})

describe('an inspector that is open already', () => {
  it('is used and stays open', async () => {
    const port = await freePort()
    const target = await startTarget('', { flags: [`--inspect=127.0.0.1:${port}`] })
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(await agents(run)).toMatchObject([{ pid: target.pid, threadId: 0 }])
    expect(target.ports()).toEqual([port])
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
  })

  it('on a port that the system chose, too', async () => {
    const target = await startTarget('', { flags: ['--inspect=127.0.0.1:0'] })
    const [port] = target.ports()
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(await agents(run)).toMatchObject([{ pid: target.pid, threadId: 0 }])
    expect(target.ports()).toEqual([port])
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
  })
})

describe('two holdups at a time', () => {
  it('on two targets: both get the agent', async () => {
    const targets = [await startTarget(), await startTarget()]
    const runs = await Promise.all(targets.map(({ pid }) => attach(pid)))
    for (const [i, run] of runs.entries()) {
      expect(run.code, run.stderr).toBe(0)
      expect(await agents(run)).toMatchObject([{ pid: targets[i]?.pid, threadId: 0 }])
      expect(targets[i]?.ports()).toEqual([])
      expect(await targets[i]?.fresh()).toMatchObject(UNTOUCHED)
    }
  })

  it('on one target: the second says so, and leaves the first its agent', async () => {
    const target = await startTarget()
    const first = startAttach(target.pid, '-d', '5s')
    await until(() => target.state().agent)
    const second = await attach(target.pid, '-d', '1s')
    expect(second.code, second.stderr).toBe(0)
    expect(nodeNote(second)).toContain('another holdup records it')
    expect(await target.fresh()).toMatchObject({ agent: true })
    const run = await first.done
    expect(run.code, run.stderr).toBe(0)
    const loops = (await run.recording()).records.flatMap((record) => (record.k === 'loop' ? [record.t] : []))
    expect(loops.at(-1)).toBeGreaterThan(4000)
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
    expect(target.ports()).toEqual([])
  })
})

it('a target that opens ports of its own all the time gets the agent', async () => {
  const target = await startTarget(`
    const { createServer } = require('node:http')
    setInterval(() => {
      const server = createServer().listen(0, '127.0.0.1')
      setTimeout(() => server.close(), 200)
    }, 20)
  `)
  const run = await attach(target.pid, '-d', '1s')
  expect(run.code, run.stderr).toBe(0)
  expect(await agents(run)).toMatchObject([{ pid: target.pid, threadId: 0 }])
  expect(run.stderr).toMatch(/its inspector was open for \d+ ms and is closed again/)
  expect(await target.fresh()).toMatchObject(UNTOUCHED)
})

it('names a process that is no Node in the tree of one that is, without a note', async () => {
  const target = await startTarget(`require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' })`)
  const run = await attach(target.pid, '-d', '1s')
  expect(run.code, run.stderr).toBe(0)
  expect(nodeNote(run)).toBeUndefined()
  expect(await runCli(['report', run.out])).toMatchObject({ code: 0 })
})
