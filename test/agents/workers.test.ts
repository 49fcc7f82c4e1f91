import { describe, expect, it } from 'vitest'
import { runWithAgent } from '../support/agent.ts'

/** Every way of making a worker that could lose the agent on its way. */
const WAYS = {
  'no options': '{}',
  'an environment of its own': '{ env: {} }',
  'execArgv of its own': '{ execArgv: [] }',
  'both of its own': '{ env: { A: "1" }, execArgv: [] }',
  'a shared environment': '{ env: SHARE_ENV }',
  'its own NODE_OPTIONS': '{ env: { NODE_OPTIONS: "--no-warnings" } }',
}

describe('the agent reaches every worker', () => {
  it.each(Object.entries(WAYS))('made with %s', async (_name, options) => {
    const run = await runWithAgent(`
      const { Worker, SHARE_ENV } = require('node:worker_threads')
      new Worker('setTimeout(() => {}, 50)', { eval: true, ...${options} })
    `)
    expect(run.code).toBe(0)
    expect(run.of('node').map((record) => record.threadId)).toEqual([0, 1])
    expect(run.of('worker-birth')).toHaveLength(1)
    expect(run.of('worker-death')).toHaveLength(1)
  })

  it('imported from an ES module, and made by a worker', async () => {
    const run = await runWithAgent(
      `import { Worker, isMainThread } from 'node:worker_threads'
       if (isMainThread) new Worker("new (require('node:worker_threads').Worker)('0', { eval: true })", { eval: true, env: {} })`,
      { extension: 'mjs' },
    )
    expect(run.of('node')).toHaveLength(3)
    expect(run.of('worker-birth')).toHaveLength(2)
  })

  it('counts each birth with the stack that made it, and its lifetime', async () => {
    const run = await runWithAgent(`
      const { Worker } = require('node:worker_threads')
      function perQuery() { new Worker('setTimeout(() => {}, 100)', { eval: true }) }
      for (let i = 0; i < 5; i++) perQuery()
    `)
    const births = run.of('worker-birth')
    expect(births).toHaveLength(5)
    expect(run.stack(births[0]?.stack).join('\n')).toMatch(/perQuery \(.*script\.cjs:3/)
    for (const { lifetimeMs } of run.of('worker-death')) expect(lifetimeMs).toBeGreaterThan(95)
  })
})

it('leaves Worker as programs know it', async () => {
  const { stdout } = await runWithAgent(`
    const threads = require('node:worker_threads')
    class Mine extends threads.Worker { constructor() { super('0', { eval: true }); this.mine = true } }
    const worker = new Mine()
    console.log(worker instanceof threads.Worker, worker instanceof Mine, worker.mine, threads.Worker.name)
    try { new threads.Worker() } catch (error) { console.log(error.code) }
  `)
  expect(stdout).toBe('true true true Worker\nERR_INVALID_ARG_TYPE\n')
})
