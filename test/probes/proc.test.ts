import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { procAvailable } from '../../src/probes/proc/available.ts'
import { ProcProbe } from '../../src/probes/proc/probe.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { ProcessTree } from '../../src/targets/process-tree.ts'
import { type Collected, collect, startScript, until } from '../support/process.ts'
import { rowsOf } from '../../src/recording/sweep.ts'

/** Starts workers on demand; each line of stdin is a command, each answered. */
const THREADS = `
  import { readFileSync, readlinkSync } from 'node:fs'
  import { createInterface } from 'node:readline'
  import { Worker } from 'node:worker_threads'
  const sources = {
    spin: 'for (;;);',
    doze: 'setInterval(() => {}, 1000)',
    wait: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  }
  const tell = 'const { readlinkSync } = require("node:fs"); require("node:worker_threads").parentPort.postMessage(Number(readlinkSync("/proc/thread-self").split("/").at(-1)));'
  const workers = []
  const commands = {
    start: (kind) => new Promise((resolve) => {
      const worker = new Worker(tell + sources[kind], { eval: true })
      workers.push(worker)
      worker.once('message', resolve)
    }),
    end: () => workers.pop().terminate().then(() => 0),
    title: (title) => { process.title = title; return 0 },
    cpu: () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 },
  }
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const [name, argument] = line.split(' ')
    console.log('answer', await commands[name](argument))
  })
  console.log('ready')
`

type Script = Awaited<ReturnType<typeof startScript>>

async function ask(target: Script, command: string): Promise<number> {
  const answers = () => [...target.said().matchAll(/^answer (.*)$/gm)]
  const before = answers().length
  target.stdin?.write(`${command}\n`)
  return Number((await until(() => answers()[before]))[1])
}

function probing(...pids: number[]): { probe: ProcProbe; collected: Collected } {
  const probe = new ProcProbe()
  const listed = pids.map((pid) => ({ pid, ppid: 1, command: `command ${pid}` }))
  const collected = collect(() => listed)
  probe.start(collected.context)
  onTestFinished(() => probe.stop())
  return { probe, collected }
}

const rowsOfThread = (collected: Collected, tid: number) =>
  collected.of('threads').flatMap((sweep) => rowsOf(sweep).filter((row) => row[0] === tid))
const lastRow = (collected: Collected, tid: number) => {
  const row = rowsOfThread(collected, tid).at(-1)
  return row && { state: row[3], wait: collected.string(row[4]) }
}

describe('probe proc on a Node process', () => {
  it('measures the CPU that the process itself reports', async () => {
    const target = await startScript(THREADS)
    const spinner = await ask(target, 'start spin')
    await ask(target, 'start doze')
    const before = await ask(target, 'cpu')
    const { probe, collected } = probing(target.pid)
    await sleep(3000)
    probe.stop()
    const truth = (await ask(target, 'cpu')) - before
    const spun = rowsOfThread(collected, spinner)
    const [first, last] = [spun[0], spun.at(-1)]
    expect((last?.[1] ?? 0) - (first?.[1] ?? 0)).toBeGreaterThan(truth * 0.85)
    const [begin, end] = [collected.of('proc')[0], collected.of('proc').at(-1)]
    expect((end?.cpuMs ?? 0) - (begin?.cpuMs ?? 0)).toBeGreaterThan(truth * 0.9 - 20)
    expect((end?.cpuMs ?? 0) - (begin?.cpuMs ?? 0)).toBeLessThan(truth * 1.1 + 20)
    const sum = (record?: RecordOf<'threads'>) => record?.cpuMs.reduce((sum, ms) => sum + ms, 0) ?? 0
    const threads = collected.of('threads')
    expect(sum(threads.at(-1)) - sum(threads[0])).toBeGreaterThan(truth * 0.9)
    expect(sum(threads.at(-1)) - sum(threads[0])).toBeLessThan(truth * 1.1)
  })

  it('sees what each thread is in', async () => {
    const target = await startScript(THREADS)
    const [spin, doze, wait] = [
      await ask(target, 'start spin'),
      await ask(target, 'start doze'),
      await ask(target, 'start wait'),
    ]
    const { collected } = probing(target.pid)
    await until(() => lastRow(collected, wait)?.wait === 'futex 0x189 0')
    await until(() => lastRow(collected, doze)?.wait?.startsWith('epoll_'))
    expect(lastRow(collected, doze)?.state).toBe('S')
    expect(lastRow(collected, spin)).toEqual({ state: 'R', wait: undefined })
    expect(rowsOfThread(collected, spin).at(-1)?.[4]).toBe(-1)
  })

  it('reports births, deaths and late names of threads', async () => {
    const target = await startScript(THREADS)
    const { collected } = probing(target.pid)
    const born = await ask(target, 'start doze')
    await until(() => collected.of('thread').some(({ tid }) => tid === born))
    await ask(target, 'end')
    await until(() => collected.of('thread-exit').some(({ tid }) => tid === born))
    await ask(target, 'title renamed')
    const names = () =>
      collected
        .of('thread')
        .filter(({ tid }) => tid === target.pid)
        .map(({ name }) => name)
    await until(() => names().at(-1) === 'renamed')
    expect(names()).toHaveLength(2)
    expect(collected.of('threads').every(({ of, tids }) => of === tids.length)).toBe(true)
  })

  it('reports its memory, threads and its own punctuality', async () => {
    const target = await startScript(THREADS)
    const { probe, collected } = probing(target.pid)
    await until(() => collected.of('recorder').length >= 2)
    const record = collected.of('proc').at(-1)
    expect(record?.rss).toBeGreaterThan(20e6)
    expect(record?.rss).toBeLessThan(500e6)
    expect(record?.threads).toBe(readdirSync(`/proc/${target.pid}/task`).length)
    const pss = collected
      .of('proc')
      .map(({ pss }) => pss)
      .filter((value) => value !== undefined)
    expect(pss.length).toBeGreaterThan(0)
    expect(pss.length).toBeLessThan(5)
    expect(pss[0]).toBeLessThanOrEqual(record?.rss ?? 0)
    const ticks = collected.of('recorder').reduce((sum, own) => sum + own.ticks, 0)
    expect(ticks).toBeGreaterThan(8)
    expect(ticks).toBeLessThan(30)
    expect(probe.note).toBeUndefined()
  })

  it('ends what it reported when the process ends', async () => {
    const target = await startScript(THREADS)
    await ask(target, 'start wait')
    const { collected } = probing(target.pid)
    await until(() => collected.of('threads').length > 0)
    target.kill('SIGKILL')
    await until(() => collected.of('process-exit').length > 0)
    await sleep(300)
    expect(collected.of('process')).toMatchObject([{ pid: target.pid, command: `command ${target.pid}` }])
    expect(collected.of('process-exit')).toMatchObject([{ pid: target.pid, code: null, signal: null }])
    expect(collected.of('thread-exit')).toHaveLength(collected.of('thread').length)
  })

  it('costs little: 16 threads', async () => {
    const target = await startScript(THREADS)
    for (let i = 0; i < 5; i++) await ask(target, 'start doze')
    const { probe, collected } = probing(target.pid)
    await sleep(4000)
    const { cpuSeconds, dropped } = probe.cost()
    expect(collected.of('threads').at(-1)?.tids.length).toBeGreaterThanOrEqual(14)
    expect((cpuSeconds * 1000) / collected.of('threads').length).toBeLessThan(2)
    expect(dropped).toBe(0)
  })
})

describe('probe proc on other processes', () => {
  it('names the calls of native programs', async () => {
    const start = (...[file = '', ...args]: string[]): ChildProcess => {
      const child = spawn(file, args)
      onTestFinished(() => void child.kill('SIGKILL'))
      return child
    }
    const pids = [start('sleep', '30'), start('sh', '-c', 'sleep 30; true'), start('cat')].map(({ pid }) => pid ?? 0)
    const { collected } = probing(...pids)
    await until(() => pids.every((pid) => lastRow(collected, pid)?.wait))
    await until(() => pids.map((pid) => lastRow(collected, pid)?.wait).join() === 'clock_nanosleep,wait4,read')
  })

  it('follows the children of a tree', async () => {
    const target = await startScript(`
      import { spawn } from 'node:child_process'
      console.log('ready')
      process.stdin.once('data', () => spawn('sh', ['-c', 'sleep 0.6; true']))
    `)
    const tree = new ProcessTree(target.pid)
    const probe = new ProcProbe()
    const collected = collect(() => tree.list())
    probe.start(collected.context)
    onTestFinished(() => probe.stop())
    target.stdin?.write('go\n')
    await until(() => collected.of('process-exit').length === 2)
    const commands = new Map(collected.of('process').map(({ pid, command }) => [pid, command]))
    expect([...commands.values()].slice(1)).toEqual(["sh -c 'sleep 0.6; true'", 'sleep 0.6'])
  })
})

describe('probe proc on a process of more than 256 threads', () => {
  const POOL = `
    import { pbkdf2 } from 'node:crypto'
    let on = true
    const again = () => on && pbkdf2('a', 'b', 200, 64, 'sha512', again)
    for (let i = 0; i < 400; i++) again()
    process.stdin.on('data', () => (on = false))
    console.log('ready')
  `

  it('looks at another 256 of them each time and scales the switches to all', async () => {
    const target = await startScript(POOL, [], { ...process.env, UV_THREADPOOL_SIZE: '300' })
    const tids = () => readdirSync(`/proc/${target.pid}/task`)
    await until(() => tids().length > 300)
    // As those of a service that runs for a while.
    await sleep(1000)
    const switches = () => {
      const counts = tids().map((tid) => readFileSync(`/proc/${target.pid}/task/${tid}/status`, 'latin1'))
      return counts.reduce(
        (sum, text) =>
          sum +
          Number(/\nvoluntary_ctxt_switches:\s*(\d+)/.exec(text)?.[1]) +
          Number(/nonvoluntary_ctxt_switches:\s*(\d+)/.exec(text)?.[1]),
        0,
      )
    }
    const before = switches()
    const { probe, collected } = probing(target.pid)
    await until(() => collected.of('threads').length >= 15, 20_000)
    probe.stop()
    const truth = switches() - before
    const sweeps = collected.of('threads')
    const all = tids().length
    for (const { of, tids } of sweeps) {
      expect(of).toBe(all)
      expect(tids.length).toBeGreaterThan(250)
      expect(tids.length).toBeLessThanOrEqual(256)
      expect(new Set(tids).size).toBe(tids.length)
    }
    expect(new Set(sweeps.flatMap(({ tids }) => tids)).size).toBe(all)
    expect(collected.of('thread').length).toBe(all)
    // In which listing ever they were found: all were there before.
    for (const { began } of collected.of('thread')) expect(began).toBeLessThan(-500)
    const counted = collected.of('switches').reduce((sum, each) => sum + each.voluntary + each.involuntary, 0)
    expect(counted).toBeGreaterThan(truth * 0.7)
    expect(counted).toBeLessThan(truth * 1.3)
  })
})

describe('what is not to be had', () => {
  afterEach(() => {
    delete process.env['HOLDUP_NO_PROC']
  })

  it('is not available without /proc', () => {
    expect(procAvailable()).toBe(process.platform === 'linux')
    process.env['HOLDUP_NO_PROC'] = '1'
    expect(procAvailable()).toBe(false)
  })

  it.skipIf(process.geteuid?.() !== 0)('says what it takes where the waits are not permitted', async () => {
    const target = await startScript(THREADS)
    process.seteuid?.(65_534)
    onTestFinished(() => process.seteuid?.(0))
    const { probe, collected } = probing(target.pid)
    expect(probe.note).toMatch(new RegExp(`pid ${target.pid} .*not permitted.*sudo`))
    await until(() => collected.of('threads').length >= 3)
    probe.stop()
    const rows = collected.of('threads').flatMap(rowsOf)
    expect(rows.every((row) => row[4] === -1)).toBe(true)
    expect(rows.filter((row) => row[3] === 'S').length).toBeGreaterThan(rows.length / 2)
  })
})
