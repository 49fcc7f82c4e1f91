/** Threads that can't answer, targets and holdups that die at any moment: what is left of the agent afterwards. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { installedNode } from '../support/agent.ts'
import { agents, attach, nodeNote, recordingBegun, startAttach, startTarget, UNTOUCHED } from '../support/attach.ts'
import type { AttachRun, WatchedTarget } from '../support/attach.ts'
import { runCli } from '../support/cli.ts'
import { isAlive, stateOf, until } from '../support/process.ts'

/** What a worker sees of itself goes to the main thread's state each 100 ms, once it runs. */
const IN_WORKER = (body: string) => `
  new Worker(\`
    const { parentPort } = require('node:worker_threads')
    const wait = Atomics.wait
    const tell = () => parentPort.postMessage({
      native: Atomics.wait === wait && wait.toString().includes('native code'),
      handle: Symbol.for('holdup.agent') in globalThis,
    })
    setInterval(tell, 100)
    ${body}
  \`, { eval: true }).on('message', (message) => { more.worker = message; more.workerAt = Date.now() })
`
const SPINS = (ms: number) => `
  function spinsHere() { const end = Date.now() + ${ms}; while (Date.now() < end); }
  setTimeout(spinsHere, 300)
`
const WAITS = (ms: number) => `
  setTimeout(function waitsHere() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms}) }, 300)
`
const CHURNS = `
  setInterval(() => new Worker('setTimeout(() => {}, 80)', { eval: true }).on('error', (error) => (more.error = String(error))), 50)
`

/** Names of the functions in the CPU profiles. */
function profiled(run: AttachRun): string[] {
  return run.report().flames.flatMap(({ frames }) => frames.map((frame) => frame.replace(/ \(.*/, '')))
}

/** Its main thread has not come back. */
function isStuck(target: WatchedTarget): boolean {
  return Date.now() - target.state().at > 1000
}

/** Fails unless the target becomes as it was before within so long. */
async function leftAlone(target: WatchedTarget, withinMs: number): Promise<void> {
  await until(() => {
    const { at, agent } = target.state()
    return Date.now() - at < 1000 && !agent && target.ports().length === 0
  }, withinMs)
  expect(await target.fresh()).toMatchObject(UNTOUCHED)
}

describe('a main thread that does not answer', () => {
  it('spins: its function is in the profile, and afterwards nothing is left', async () => {
    const target = await startTarget(SPINS(9000))
    await until(() => Date.now() - target.state().at > 300)
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(isStuck(target)).toBe(true)
    expect(await agents(run)).toMatchObject([{ pid: target.pid, threadId: 0 }])
    expect(profiled(run)).toContain('spinsHere')
    await leftAlone(target, 10_000)
  })

  it('sits in Atomics.wait', async () => {
    const target = await startTarget(WAITS(9000))
    await until(() => Date.now() - target.state().at > 300)
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect(isStuck(target)).toBe(true)
    expect(await agents(run)).toMatchObject([{ pid: target.pid, threadId: 0 }])
    await leftAlone(target, 10_000)
  })

  it('is in a long call of the system: the inspector that opens after it is closed again', async () => {
    const target = await startTarget(`setTimeout(() => require('node:child_process').spawnSync('sleep', ['12']), 300)`)
    await until(() => Date.now() - target.state().at > 300)
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toContain('opens no inspector at SIGUSR1')
    expect(isStuck(target)).toBe(true)
    // Who sees to it, for as long as it takes.
    await until(() => readFileSync('/proc/net/unix', 'utf8').includes(`@holdup-late-${target.pid}-`), 2000)
    await until(() => !isStuck(target), 12_000)
    await sleep(2000)
    await leftAlone(target, 1000)
  })

  it('is in a long call of the system, its inspector open: the recording does not wait for it', async () => {
    const calls = `setTimeout(() => require('node:child_process').spawnSync('sleep', ['7']), 300)`
    const target = await startTarget(calls, { flags: ['--inspect=127.0.0.1:0'] })
    await until(() => Date.now() - target.state().at > 300)
    const run = await attach(target.pid, '-d', '1s')
    expect(run.code, run.stderr).toBe(0)
    expect(nodeNote(run)).toContain('its main thread does not answer')
    expect(isStuck(target)).toBe(true)
    await until(() => !isStuck(target))
    expect(await target.fresh()).toMatchObject(UNTOUCHED)
  })
})

describe('a worker that does not answer', () => {
  it.each([
    ['spins', SPINS(7000), 'spinsHere'],
    ['sits in Atomics.wait', WAITS(7000), 'waitsHere'],
  ])('%s', async (_name, body, where) => {
    const target = await startTarget(IN_WORKER(body))
    await until(() => Date.now() - Number(target.state()['workerAt']) > 400)
    const run = await attach(target.pid)
    expect(run.code, run.stderr).toBe(0)
    expect((await agents(run)).map(({ threadId }) => threadId)).toEqual([0, 1])
    expect(profiled(run)).toContain(where)
    const now = Date.now()
    expect(now - Number(target.state()['workerAt'])).toBeGreaterThan(1000)
    await until(() => Number(target.state()['workerAt']) > now, 10_000)
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, worker: { native: true, handle: false } })
    expect(target.ports()).toEqual([])
  })
})

it('of a worker that was terminated no goodbye is waited for, and the inspector is opened once', async () => {
  const target = await startTarget(`
    const worker = new Worker('setInterval(() => {}, 50)', { eval: true })
    const end = () => Symbol.for('holdup.agent') in globalThis && setTimeout(() => worker.terminate(), 1000)
    setInterval(end, 100)
  `)
  const run = await attach(target.pid)
  expect(run.code, run.stderr).toBe(0)
  expect((await agents(run)).map(({ threadId }) => threadId)).toEqual([0, 1])
  expect(run.stderr.match(/its inspector was open/g)).toHaveLength(1)
  expect(await target.fresh()).toMatchObject(UNTOUCHED)
})

it('code that V8 has optimised stays so, for between two callbacks nothing runs that the profiler would miss', async () => {
  const target = await startTarget(
    `function hot(n) { let sum = 0; for (let i = 0; i < n; i++) sum += i % 7; return sum }
    setInterval(() => { for (let i = 0; i < 200; i++) hot(200) }, 20)`,
    { flags: ['--trace-opt'] },
  )
  const optimised = () => target.said().match(/completed optimizing .*<JSFunction hot /g)?.length ?? 0
  await until(() => optimised() > 0)
  const before = optimised()
  const run = await attach(target.pid)
  expect(run.code, run.stderr).toBe(0)
  expect(await agents(run)).toHaveLength(1)
  expect(optimised()).toBe(before)
})

it('a target that is stopped while it is recorded is left alone once it goes on', async () => {
  const target = await startTarget()
  const attached = startAttach(target.pid, '-d', '2s')
  await until(() => target.state().agent)
  await sleep(500)
  process.kill(target.pid, 'SIGSTOP')
  const run = await attached.done
  expect(run.code, run.stderr).toBe(0)
  expect(stateOf(target.pid)).toBe('T')
  // No SIGUSR1 waits for it, at which it would open its inspector when nobody looks.
  expect(readFileSync(`/proc/${target.pid}/status`, 'utf8')).toMatch(/^ShdPnd:\s*0+$/m)
  process.kill(target.pid, 'SIGCONT')
  await leftAlone(target, 5000)
})

it('a target that dies while the agent gets in leaves a readable recording or a clear error', async () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * 90 + Math.random() * 90)
  for (const half of [delays.slice(0, 4), delays.slice(4)]) {
    const targets = await Promise.all(half.map(() => startTarget()))
    const runs = await Promise.all(
      targets.map(async ({ pid }, i) => {
        const { done } = startAttach(pid, '-d', '5s')
        await sleep(half[i])
        process.kill(pid, 'SIGKILL')
        return done
      }),
    )
    for (const [i, run] of runs.entries()) {
      expect(run.stderr, `killed after ${half[i]} ms`).not.toContain('bug in holdup')
      if (run.code === 0) expect((await run.recording()).records.length).toBeGreaterThan(0)
      else expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: .*\n *why: .*\n *try: /m) })
    }
  }
})

describe('a target that makes a worker each 50 ms lives through three attaches', () => {
  const nodes: [string, string | null][] = [['this Node', process.execPath], ...[22, 24, 26].map(nodeOf)]
  for (const [name, node] of nodes) {
    it.skipIf(node === null)(name, { timeout: 40_000 }, async () => {
      const target = await startTarget(CHURNS, { node: node ?? '' })
      let reached = 0
      for (let i = 0; i < 3; i++) {
        const run = await attach(target.pid, '-d', '1s')
        expect(run.code, run.stderr).toBe(0)
        reached += (await agents(run)).length - 1
        expect(target.process.exitCode ?? target.process.signalCode, target.said()).toBeNull()
      }
      // Each lives for 80 ms: on a busy machine that is too short for the agent to come in.
      expect(reached).toBeGreaterThan(0)
      await leftAlone(target, 3000)
      expect(target.said()).toBe('ready\n')
      expect(target.state()['error']).toBeUndefined()
    })
  }
})

function nodeOf(major: number): [string, string | null] {
  return [`Node ${major}`, installedNode(major)]
}

describe('holdup killed −9', () => {
  it(
    'at any moment: 3 s later there is no agent, no inspector, and what was recorded can be read',
    { timeout: 60_000 },
    async () => {
      const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => i * 150 + Math.random() * 150)
      for (const half of [delays.slice(0, 5), delays.slice(5)]) {
        const targets = await Promise.all(half.map(() => startTarget(IN_WORKER(''))))
        const outs = await Promise.all(
          targets.map(async ({ pid }, i) => {
            const { child, out, done } = startAttach(pid)
            await sleep(half[i])
            child.kill('SIGKILL')
            await done
            return out
          }),
        )
        await sleep(3000)
        for (const [i, target] of targets.entries()) {
          const when = `killed after ${half[i]} ms`
          expect(isAlive(target.pid), when).toBe(true)
          expect(target.ports(), when).toEqual([])
          const state = await target.fresh()
          expect(state, when).toMatchObject({ ...UNTOUCHED, worker: { native: true, handle: false } })
          expect(target.said(), when).toBe('ready\n')
          const { code, stderr } = await runCli(['report', outs[i] ?? ''])
          expect(code, `${when}: ${stderr}`).toBe(recordingBegun(outs[i] ?? '') ? 0 : 2)
        }
      }
    },
  )

  it('no SIGPIPE comes to a target that handles it, or would die of it', async () => {
    const handles = `process.on('SIGPIPE', () => (more.pipes = 1))`
    const targets = [await startTarget(handles), await startTarget(`${handles}.removeAllListeners('SIGPIPE')`)]
    const attached = targets.map(({ pid }) => startAttach(pid))
    await until(() => targets.every((target) => target.state().agent))
    for (const { child } of attached) child.kill('SIGKILL')
    await until(() => targets.every((target) => !isAlive(target.pid) || !target.state().agent))
    for (const target of targets) {
      expect(isAlive(target.pid)).toBe(true)
      const state = await target.fresh()
      expect(state).toMatchObject(UNTOUCHED)
      expect(state).not.toHaveProperty('pipes')
    }
  })

  it('with a worker that does not answer: nothing is left in it once it does', async () => {
    const target = await startTarget(IN_WORKER(WAITS(6000)))
    await until(() => Date.now() - Number(target.state()['workerAt']) > 400)
    const { child, done } = startAttach(target.pid)
    await until(() => target.state().agent)
    await sleep(500)
    child.kill('SIGKILL')
    await done
    const now = Date.now()
    await until(() => Number(target.state()['workerAt']) > now)
    expect(await target.fresh()).toMatchObject({ ...UNTOUCHED, worker: { native: true, handle: false } })
    expect(target.ports()).toEqual([])
  })
})

describe('after the recording', () => {
  it('all is as before, and a second attach works', async () => {
    const port = `require('node:http').createServer().listen(0, '127.0.0.1', () => {})`
    const target = await startTarget(`${port}\n${IN_WORKER('')}`)
    await sleep(1000)
    const before = await target.fresh()
    const ports = target.ports()
    for (let i = 0; i < 2; i++) {
      const run = await attach(target.pid)
      expect(run.code, run.stderr).toBe(0)
      expect((await agents(run)).map(({ threadId }) => threadId)).toEqual([0, 1])
      await until(async () => (await target.fresh()).threads <= before.threads, 1000)
      const { threads, fds, ...after } = await target.fresh()
      expect({ threads, fds }).toEqual({ threads: before.threads, fds: before.fds })
      expect(after).toMatchObject({ ...UNTOUCHED, worker: { native: true, handle: false } })
      expect(target.ports()).toEqual(ports)
      expect(run.leftovers()).toEqual([])
    }
    expect(target.said()).toBe('ready\n')
  })
})
