import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { PidusageProbe } from '../../src/probes/pidusage.ts'
import { collect, startScript, until } from '../support/process.ts'

/** Half of the time busy; writes its own account of its CPU again and again. */
const HALF = `
  const turn = () => {
    const end = Date.now() + 50
    while (Date.now() < end);
    const { user, system } = process.cpuUsage()
    console.log('cpu', (user + system) / 1e6)
    setTimeout(turn, 50)
  }
  console.log('ready')
  turn()
`
const cpuSaid = (said: string) => Number([...said.matchAll(/^cpu (.*)$/gm)].at(-1)?.[1])

describe.each([
  ['through /proc', '', 0.1],
  // On Linux ps tells whole seconds: one of six more or less.
  ['through ps', '1', 0.25],
])('probe pidusage %s', (_how, noProc, tolerance) => {
  afterEach(() => {
    delete process.env['HOLDUP_NO_PROC']
  })

  it('measures cores and memory of each process, and no more of the dead', async () => {
    process.env['HOLDUP_NO_PROC'] = noProc
    const [busy, idle] = [
      await startScript(HALF),
      await startScript(`console.log('ready'); setInterval(() => {}, 1000)`),
    ]
    const probe = new PidusageProbe()
    const collected = collect(() => [busy, idle].map(({ pid }) => ({ pid, ppid: 1, command: '' })))
    const of = (pid: number) => collected.of('usage').filter((record) => record.pid === pid)
    await until(() => cpuSaid(busy.said()) > 0)
    const [before, began] = [cpuSaid(busy.said()), performance.now()]
    probe.start(collected.context)
    await sleep(6000)
    idle.kill('SIGKILL')
    await sleep(500)
    const ended = of(idle.pid).length
    await until(() => of(busy.pid).length > ended + 1)
    await probe.stop()
    const truth = (cpuSaid(busy.said()) - before) / ((performance.now() - began) / 1000)

    const cores = of(busy.pid).map(({ cpu }) => cpu)
    const mean = cores.reduce((sum, cpu) => sum + cpu, 0) / cores.length
    expect(Math.abs(mean - truth)).toBeLessThan(tolerance)
    expect(Math.max(...of(idle.pid).map(({ cpu }) => cpu))).toBeLessThan(0.5)
    expect(of(idle.pid).length).toBeLessThanOrEqual(ended + 1)
    for (const { rss } of of(busy.pid)) {
      expect(rss).toBeGreaterThan(20e6)
      expect(rss).toBeLessThan(500e6)
    }
    expect(probe.cost().cpuSeconds).toBeGreaterThan(0)
    expect(probe.cost().dropped).toBe(0)
    const count = collected.of('usage').length
    await sleep(1200)
    expect(collected.of('usage')).toHaveLength(count)
  })

  it('goes on when all are gone', async () => {
    process.env['HOLDUP_NO_PROC'] = noProc
    const probe = new PidusageProbe()
    const collected = collect(() => [{ pid: 2 ** 22 + 1, ppid: 1, command: '' }])
    probe.start(collected.context)
    await sleep(700)
    await probe.stop()
    expect(collected.of('usage')).toEqual([])
    expect(probe.cost().dropped).toBe(0)
  })
})
