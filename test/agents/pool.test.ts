import { expect, it } from 'vitest'
import { runWithAgent } from '../support/agent.ts'

it("times a trivial job of libuv's pool", async () => {
  const run = await runWithAgent("require('node:fs').stat('/', () => {}); setTimeout(() => {}, 2300)")
  const answers = run.of('pool').flatMap(({ latency }) => latency)
  expect(answers.reduce((sum, [, n]) => sum + n, 0)).toBeGreaterThanOrEqual(3)
  expect(Math.min(...answers.map(([ms]) => ms))).toBeLessThan(5)
})

it('leaves a process that has no pool without', async () => {
  const run = await runWithAgent(`
    setTimeout(() => {}, 2000)
  `)
  expect(run.of('pool')).toEqual([])
})

it('tells of one that waits, while all threads of the pool are taken, and how long it took', async () => {
  const run = await runWithAgent(`
    const { execFileSync } = require('node:child_process')
    const fs = require('node:fs')
    const folder = fs.mkdtempSync(require('node:os').tmpdir() + '/pool-')
    const pipes = [0, 1, 2, 3].map((i) => folder + '/' + i)
    execFileSync('mkfifo', pipes)
    // Each takes a thread until somebody opens the other end.
    for (const pipe of pipes) fs.open(pipe, 'r', () => {})
    setTimeout(() => {
      for (const pipe of pipes) fs.openSync(pipe, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)
      setTimeout(() => { fs.rmSync(folder, { recursive: true }); process.exit() }, 500)
    }, 2000)
  `)
  const pools = run.of('pool')
  expect(Math.max(...pools.map(({ waitingMs }) => waitingMs))).toBeGreaterThan(1000)
  expect(Math.max(...pools.flatMap(({ latency }) => latency.map(([ms]) => ms)))).toBeGreaterThan(1200)
})
