/** Workers in numbers: of a pool larger than what is gone into at once, and of those that follow each other. */
import { expect, it } from 'vitest'
import { agents, attach, startTarget, UNTOUCHED } from '../support/attach.ts'
import { until } from '../support/process.ts'

it('reaches all of a large pool, the last ones a second after the other', async () => {
  const target = await startTarget(`
    more.online = 0
    for (let i = 0; i < 66; i++) new Worker('setInterval(() => {}, 1000)', { eval: true }).on('online', () => more.online++)
  `)
  await until(() => target.state()['online'] === 66, 20_000)
  const run = await attach(target.pid, '-d', '3s')
  expect(run.code, run.stderr).toBe(0)
  expect(await agents(run)).toHaveLength(67)
  expect(await target.fresh()).toMatchObject(UNTOUCHED)
})

it('profiles a worker that takes the place of one that was profiled', async () => {
  const target = await startTarget(`
    const spins = 'const end = Date.now() + 800; while (Date.now() < end);'
    const next = () => new Worker(spins, { eval: true }).on('exit', next)
    next()
  `)
  const run = await attach(target.pid, '-d', '4s')
  expect(run.code, run.stderr).toBe(0)
  const { records } = await run.recording()
  const profiled = new Set(records.flatMap((record) => (record.k === 'profile' ? [record.tid] : [])))
  profiled.delete(target.pid)
  expect(profiled.size).toBeGreaterThan(2)
})
