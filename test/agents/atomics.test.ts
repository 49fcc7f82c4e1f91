import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { installedNode, runWithAgent, TARGET_NODE } from '../support/agent.ts'
import { ROOT } from '../support/cli.ts'

const newer = installedNode(24)
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

describe('Atomics.wait', () => {
  it('is timed by slot, with the stack of the waiter', async () => {
    const run = await runWithAgent(`
      const cells = new Int32Array(new SharedArrayBuffer(64))
      function nap() { Atomics.wait(cells, 3, 0, 60) }
      for (let i = 0; i < 5; i++) nap()
    `)
    const waits = run.of('wait')
    expect(sum(waits.map(({ n }) => n))).toBe(5)
    expect(sum(waits.map(({ timedOut }) => timedOut))).toBe(5)
    expect(sum(waits.map(({ ms }) => ms))).toBeGreaterThan(299)
    expect(new Set(waits.map(({ slot }) => slot))).toEqual(new Set(['64:12']))
    expect(run.stack(waits[0]?.stack)[0]).toMatch(/^nap \(.*script\.cjs:3:\d+\)$/)
  })

  it('of a lock: who waits, who takes it on waking, how long it is held', async () => {
    const run = await runWithAgent(`
      const { Worker, isMainThread, workerData } = require('node:worker_threads')
      if (isMainThread) {
        const cells = new Int32Array(new SharedArrayBuffer(4))
        for (let i = 0; i < 3; i++) new Worker(__filename, { workerData: cells })
      } else {
        const spin = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
        function lock(m) {
          if (Atomics.compareExchange(m, 0, 0, 1) === 0) return
          while (Atomics.exchange(m, 0, 2) !== 0) Atomics.wait(m, 0, 2)
        }
        function unlock(m) { if (Atomics.sub(m, 0, 1) !== 1) { Atomics.store(m, 0, 0); Atomics.notify(m, 0, 1) } }
        for (let i = 0; i < 20; i++) { lock(workerData); spin(10); unlock(workerData) }
      }
    `)
    const waits = run.of('wait')
    const notifies = run.of('notify')
    const wakes = sum(waits.map(({ n, timedOut }) => n - timedOut))
    expect(sum(waits.map(({ taken }) => taken)) / wakes).toBeGreaterThan(0.4)
    expect(new Set(waits.map(({ tid }) => tid)).size).toBe(3)
    const holds = sum(notifies.map(({ holds }) => holds))
    expect(sum(notifies.map(({ holdMs }) => holdMs)) / holds).toBeGreaterThan(9)
    expect(run.stack(notifies[0]?.stack)[0]).toMatch(/^unlock /)
  })

  it('behaves exactly as without the agent', async () => {
    const script = `
      const cells = new Int32Array(new SharedArrayBuffer(8))
      const say = (f) => { try { console.log(String(f())) } catch (error) { console.log(error.name, error.message) } }
      say(() => Atomics.wait(cells, 0, 1))
      say(() => Atomics.wait(cells, 0, 0, 1))
      say(() => Atomics.wait(cells, 9, 0))
      say(() => Atomics.wait())
      say(() => Atomics.wait(new Int32Array(4), 0, 0, 0))
      say(() => Atomics.notify(cells, 0))
      say(() => Atomics.notify(new Int32Array(4), 0, 1))
      say(() => Atomics.compareExchange(cells, 0, 0, 7) + Atomics.exchange(cells, 0, 3) + Atomics.add(cells, 0, 2) + Atomics.sub(cells, 0, 1))
      say(() => Atomics.or(cells, 1, 6) + Atomics.and(cells, 1, 2) + cells.join())
      say(() => Atomics.compareExchange(new BigInt64Array(1), 0, 0n, 5n))
      say(() => Object.keys(Atomics).length + Atomics.wait.name + Atomics.wait.length + Atomics.compareExchange.length)
      say(() => Atomics.waitAsync?.(cells, 0, 99).value ?? 'not-equal')
    `
    const withAgent = await runWithAgent(script)
    expect(withAgent.stdout).toBe(execFileSync(TARGET_NODE, ['-e', script], { encoding: 'utf8' }))
  })
})

describe('promise locks', () => {
  const use = `
    const lock = new Mutex()
    async function critical() { const free = await lock.acquire(); setTimeout(free, 40) }
    critical(); critical(); critical(); setTimeout(() => {}, 400)
  `
  const from = JSON.stringify(join(ROOT, 'package.json'))

  it('of async-mutex, required', async () => {
    const run = await runWithAgent(
      `const { Mutex } = require('node:module').createRequire(${from})('async-mutex'); ${use}`,
    )
    const waits = run.of('promise-lock')
    expect(sum(waits.map(({ n }) => n))).toBe(3)
    expect(sum(waits.map(({ ms }) => ms))).toBeGreaterThan(110)
    expect(run.stack(waits[0]?.stack).join('\n')).toMatch(/critical \(.*script\.cjs/)
  })

  it.skipIf(!newer)('of async-mutex, imported (needs Node 24: node scripts/nodes.mjs 24)', async () => {
    const path = JSON.stringify(pathToFileURL(join(ROOT, 'node_modules/async-mutex/index.mjs')))
    const run = await runWithAgent(`import { Mutex } from ${path}; ${use}`, { extension: 'mjs', node: newer ?? '' })
    expect(sum(run.of('promise-lock').map(({ n }) => n))).toBe(3)
  })

  it.skipIf(!newer)('of navigator.locks (needs Node 24: node scripts/nodes.mjs 24)', async () => {
    const run = await runWithAgent(
      `
      const hold = () => navigator.locks.request('index', () => new Promise((resolve) => setTimeout(resolve, 40)))
      hold(); hold(); hold()
    `,
      { node: newer ?? '' },
    )
    const waits = run.of('promise-lock')
    expect(waits[0]?.name).toBe('navigator.locks "index"')
    expect(sum(waits.map(({ ms }) => ms))).toBeGreaterThan(110)
  })
})
