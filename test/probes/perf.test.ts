import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { functionName } from '../../src/analysis/frames.ts'
import { PerfProbe } from '../../src/probes/perf/probe.ts'
import { parseStat } from '../../src/probes/proc/stat.ts'
import { startAttach } from '../support/attach.ts'
import { ROOT, temporaryFolder } from '../support/cli.ts'
import { compile, hasCxx, hasRust, startNative } from '../support/native.ts'
import { hasCommand } from '../support/native-fixture.ts'
import type { Report } from '../../src/report/model.ts'
import { AS_NOBODY, isRoot, openToAll, runAsNobody, startProcess } from '../support/targets.ts'
import { collect, until } from '../support/process.ts'

const PROGRAMS = join(ROOT, 'test/probes/native/programs')
const WINDOW_MS = 3000
const hasPerf = hasCommand('perf')

const PERIOD_MS = 10

type Truth = Record<'hotMs' | 'coldMs', number>

interface Profiled {
  /** What perf and the reading of its samples took, in cores. */
  cores: number
  /** CPU in ms of stacks, leaf first, that pass a test. */
  ms: (test: (functions: string[]) => boolean) => number
  truth: Truth
}

async function profile(program: string): Promise<Profiled> {
  const target = await startNative<Truth>(program)
  const probe = new PerfProbe()
  const collected = collect(() => [{ pid: target.pid, ppid: 1, command: 'busy' }])
  probe.start(collected.context)
  onTestFinished(() => probe.stop())
  // Opening its events takes perf a moment.
  await sleep(300)
  const before = await target.truth()
  await sleep(WINDOW_MS)
  const after = await target.truth()
  // While perf runs.
  const { cpuSeconds } = probe.cost()
  await probe.stop()
  expect(probe.note).toBeUndefined()
  expect(probe.cost().dropped).toBe(0)
  const rows = collected.of('on-cpu').flatMap((record) => record.rows)
  const functions = rows.map(([, , ms, stack]) => ({ ms, names: collected.stack(stack).map(functionName) }))
  return {
    cores: cpuSeconds / (WINDOW_MS / 1000),
    ms: (test) => functions.reduce((sum, { ms, names }) => sum + (test(names) ? ms : 0), 0),
    truth: { hotMs: after.hotMs - before.hotMs, coldMs: after.coldMs - before.coldMs },
  }
}

function expectShares({ ms, truth }: Profiled, named: (name: string) => RegExp): void {
  const all = ms(() => true)
  const [hot, cold, handle] = ['hot', 'cold', 'handle'].map(named) as [RegExp, RegExp, RegExp]
  const share = (leaf: RegExp) => ms(([name = '']) => leaf.test(name)) / all
  const true_ = truth.hotMs / (truth.hotMs + truth.coldMs)
  const facts = `hot ${share(hot)}, cold ${share(cold)}, true ${true_}`
  // One sample each 10 ms of CPU, of which a busy machine gives fewer: 10 %, or what chance alone may make of so many.
  const chance = 4 * Math.sqrt((true_ * (1 - true_)) / (all / PERIOD_MS))
  expect(Math.abs(share(hot) - true_), facts).toBeLessThan(Math.max(true_ * 0.1, chance))
  expect(share(hot) + share(cold), facts).toBeGreaterThan(0.9)
  // Who called it.
  const called = ms((names) => hot.test(names[0] ?? '') && handle.test(names[1] ?? ''))
  expect(called / ms(([name = '']) => hot.test(name))).toBeGreaterThan(0.9)
}

describe.skipIf(!hasPerf)('probe perf (needs perf)', () => {
  it.skipIf(!hasCxx)('the hot function of a release build in C++, with its caller (needs g++)', async () => {
    expectShares(await profile(compile(join(PROGRAMS, 'busy.cpp'))), (name) => new RegExp(`^${name}$`))
  })

  it.skipIf(!hasCxx)('the same, stripped: by what it takes, without names (needs g++)', async () => {
    const { ms } = await profile(compile(join(PROGRAMS, 'busy.cpp'), '-s'))
    expect(ms(([name = '']) => /^0x[\da-f]+$/.test(name)) / ms(() => true)).toBeGreaterThan(0.9)
  })

  it.skipIf(!hasRust)('the hot function of a release build in Rust, with its caller (needs rustc)', async () => {
    expectShares(await profile(compile(join(PROGRAMS, 'busy.rs'))), (name) => new RegExp(`(^|::)${name}$`))
  })

  it.skipIf(!hasCxx || !isRoot)('threads that live for two milliseconds, at a low cost (needs g++, root)', async () => {
    const profiled = await profile(compile(join(PROGRAMS, 'brief.cpp')))
    expectShares(profiled, (name) => new RegExp(`^${name}$`))
    const { ms, truth, cores } = profiled
    const all = ms((names) => names.includes('handle'))
    expect(all / (truth.hotMs + truth.coldMs)).toBeGreaterThan(0.8)
    expect(all / (truth.hotMs + truth.coldMs)).toBeLessThan(1.2)
    expect(cores).toBeLessThan(0.2)
  })

  it.skipIf(!hasCxx || !openToAll())(
    'without root threads that come and go cost no more (needs g++, root to give it up)',
    async () => {
      const program = compile(join(PROGRAMS, 'brief.cpp'))
      chmodSync(dirname(program), 0o755)
      const pid = await startProcess([...AS_NOBODY, program, 'forever'], 'brief')
      const folder = temporaryFolder()
      chmodSync(folder, 0o777)
      const attach = ['attach', String(pid), '--json', '-d', '6s', '-o', folder]
      const { code, stdout, stderr } = await runAsNobody(attach)
      expect(code, stderr).toBe(0)
      const perf = (JSON.parse(stdout) as Report).recording.probes.find(({ id }) => id === 'perf')
      // One second of it may go by until it is seen to spin.
      expect(perf?.cost.cpuSeconds).toBeLessThan(2)
    },
  )

  it.skipIf(!hasCxx)('perf ends when holdup is killed (needs g++)', async () => {
    const { pid } = await startNative(compile(join(PROGRAMS, 'busy.cpp')))
    const { child, done } = startAttach(pid, '-d', '20s')
    const perf = await until(() => childrenOf(child.pid ?? 0).find((each) => nameOf(each) === 'perf'))
    await sleep(500)
    child.kill('SIGKILL')
    await done
    await until(() => nameOf(perf) !== 'perf')
    expect(nameOf(pid)).toBe('busy')
  })
})

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => each > 0 && statOf(each)?.ppid === pid)
}

function nameOf(pid: number): string | undefined {
  return statOf(pid) === null ? undefined : readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

function statOf(pid: number): ReturnType<typeof parseStat> | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return null
  }
}
