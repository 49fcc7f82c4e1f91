import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAllowedCores, parseCoreTimes } from '../../src/probes/proc/machine-stat.ts'
import { ProcProbe } from '../../src/probes/proc/probe.ts'
import { TreeCpu } from '../../src/probes/proc/tree-cpu.ts'
import { readStat } from '../../src/targets/proc-listing.ts'
import { collect, startOrphan } from '../support/process.ts'

const BUSY = 'while :; do :; done'

describe('/proc/stat', () => {
  const text = `cpu  60 6 9 150 3 1 2 12 5 0
cpu0 10 1 2 50 1 1 1 4 0 0
cpu1 20 2 3 50 1 0 1 4 5 0
cpu2 30 3 4 50 1 0 0 4 0 0
intr 7 0 0
ctxt 5
`

  it.each([
    ['all', [0, 1, 2], { cores: 3, busyMs: 750, idleMs: 1530, stealMs: 120 }],
    ['those that the target may run on', [1], { cores: 1, busyMs: 250, idleMs: 510, stealMs: 40 }],
  ])('adds up the cores: %s', (_, cores, expected) => {
    expect(parseCoreTimes(text, new Set(cores), 10)).toEqual(expected)
  })

  it('of a kernel that tells less', () => {
    expect(parseCoreTimes('cpu0 1 2 3 4\n', new Set([0]), 10)).toEqual({ cores: 1, busyMs: 60, idleMs: 40, stealMs: 0 })
  })

  it.each([
    ['0-3,8', [0, 1, 2, 3, 8]],
    ['5', [5]],
    ['0', [0]],
  ])('cores that a process may use: %s', (list, expected) => {
    expect([...parseAllowedCores(`Threads:\t1\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nx: 1\n`)]).toEqual(
      expected,
    )
  })
})

describe('TreeCpu', () => {
  it('has what children used that were never seen', async () => {
    const parent = spawn('sh', ['-c', `for i in 1 2 3 4; do timeout 0.2 sh -c '${BUSY}'; done; read line`])
    onTestFinished(() => void parent.kill('SIGKILL'))
    const pids = [parent.pid ?? 0]
    const cpu = new TreeCpu()
    expect(cpu.take(pids, 1e9)).toBe(0)
    await sleep(1500)
    const stat = readStat(parent.pid ?? 0)
    const used = cpu.take(pids, 1e9)
    expect(used).toBeGreaterThan(10)
    expect(Math.abs(used - (stat?.collectedTicks ?? 0))).toBeLessThan(10)
  })

  it('counts a child once that is first seen and then collected', async () => {
    const parent = spawn('sh', ['-c', `timeout 0.6 sh -c 'echo $$; ${BUSY}'; read line`])
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [said] = (await once(parent.stdout, 'data')) as [Buffer]
    const child = Number(String(said))
    const pids = [parent.pid ?? 0, readStat(child)?.ppid ?? 0, child]
    const cpu = new TreeCpu()
    cpu.take(pids, 1e9)
    await sleep(300)
    const first = cpu.take(pids, 1e9)
    await sleep(900)
    const all = first + cpu.take(pids, 1e9)
    expect(Math.abs(all - (readStat(parent.pid ?? 0)?.collectedTicks ?? 0))).toBeLessThan(10)
  })

  it('leaves out what a process had used before it came into view', () => {
    const cpu = new TreeCpu()
    cpu.take([], 5)
    expect(cpu.take([process.pid], 1)).toBe(0)
  })
})

describe('probe proc', () => {
  it('tells a neighbour from the target', { timeout: 20_000 }, async () => {
    const target = spawn('sh', ['-c', BUSY])
    onTestFinished(() => void target.kill('SIGKILL'))
    const neighbour = await startOrphan(BUSY)
    const ticksOf = (pid: number) => readStat(pid)?.cpuTicks ?? 0
    const probe = new ProcProbe()
    const collected = collect(() => [{ pid: target.pid ?? 0, ppid: 1, command: 'sh' }])
    const before = [ticksOf(target.pid ?? 0), ticksOf(neighbour)] as const
    probe.start(collected.context)
    await sleep(4200)
    probe.stop()
    const [targetMs, neighbourMs] = [ticksOf(target.pid ?? 0), ticksOf(neighbour)].map(
      (t, i) => 10 * (t - (before[i] ?? 0)),
    )
    const records = collected.of('machine')
    const sum = (field: 'ms' | 'busyMs' | 'ownMs' | 'targetMs') => records.reduce((all, each) => all + each[field], 0)
    expect(sum('ms')).toBeGreaterThan(4000)
    expect(sum('targetMs') / (targetMs ?? 0)).toBeGreaterThan(0.9)
    expect(sum('targetMs') / (targetMs ?? 0)).toBeLessThan(1.1)
    // This machine may have other neighbours.
    expect((sum('busyMs') - sum('ownMs') - sum('targetMs')) / (neighbourMs ?? 0)).toBeGreaterThan(0.8)
    const named = collected.of('neighbour').filter(({ name }) => name === 'sh')
    expect(named.reduce((all, { cpuMs }) => all + cpuMs, 0)).toBeGreaterThan((neighbourMs ?? 0) * 0.4)
    expect(records.every(({ cores }) => cores === readFileSync('/proc/stat', 'latin1').match(/^cpu\d/gm)?.length)).toBe(
      true,
    )
  })
})
