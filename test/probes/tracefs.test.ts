/** The kernel's own record of native programs, held against what they measured themselves. Prints its figures. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { countNativeRequests } from '../../src/analysis/http.ts'
import { indexRecords } from '../../src/analysis/index-records.ts'
import { startAttach } from '../support/attach.ts'
import { ROOT, runCli } from '../support/cli.ts'
import { attachFixture, truthInWindow } from '../support/fixture.ts'
import { compile, startNative as startProgram } from '../support/native.ts'
import { buildNative, hasCommand, startNative } from '../support/native-fixture.ts'
import { NativeSampler } from '../../src/probes/native-sampler/probe.ts'
import { TracefsProbe } from '../../src/probes/tracefs/probe.ts'
import { Sightings } from '../../src/probes/tracefs/sightings.ts'
import { collect, isAlive, until } from '../support/process.ts'
import { canTrace, instances, traceNative } from '../support/traced.ts'

const BUILD_MS = 180_000
const LOCKS = [
  ['cpp', 'hold-mutex', 'plain', 'g++', /^work_locked$/],
  ['rust', 'hold-mutex', 'plain', 'cargo', /hold_mutex::|closure/],
  ['rust', 'hold-parking-lot', 'plain', 'cargo', /hold_parking_lot::|closure/],
  ['cpp', 'hold-mutex-c', 'musl', 'musl-gcc', /^work_locked$/],
] as const

function say(what: string, figures: Record<string, number>): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
  process.stdout.write(`  tracefs, ${what}: ${text.join(', ')}\n`)
}

const names = (stack: readonly string[]) => stack.map((frame) => frame.split(' (')[0] ?? '')

describe.skipIf(!canTrace)('tracefs (needs root and a kernel that traces)', () => {
  describe.each(LOCKS)('%s/micro/%s, %s', (language, program, variant, compiler, holder) => {
    it.skipIf(!hasCommand(compiler))(
      `a mutex held 200 µs by 16 threads (needs ${compiler})`,
      { timeout: BUILD_MS, retry: 1 },
      async () => {
        const path = buildNative(language, program, variant)
        const { report, lockWaitError, cores } = await traceNative(path)
        const locks = report.locks.filter(({ role }) => role === 'lock')
        const [lock] = locks
        const byCaller = (lock?.waiters ?? []).filter(({ stack }) => names(stack).some((name) => holder.test(name)))
        const named = byCaller.reduce((sum, { seconds }) => sum + seconds, 0) / (lock?.waitSeconds ?? 1)
        const right = (lock?.holders ?? []).filter(({ stack }) => names(stack).some((name) => holder.test(name)))
        const held = right.reduce((sum, { share }) => sum + share, 0)
        say(`${language} ${program} ${variant}, 200 µs`, { error: lockWaitError, cores, named, held })
        expect(report.signals.lockWait?.fidelity).toBe('exact')
        expect(Math.abs(lockWaitError)).toBeLessThan(0.02)
        expect(report.signals.lockWait?.unclassifiedSeconds).toBeLessThan(0.05)
        expect(locks.map(({ kind }) => kind)).toEqual(['mutex'])
        // musl has no symbols here, so that its callers cannot be told from what is left on the stack.
        if (variant !== 'musl') {
          expect(named).toBeGreaterThan(0.95)
          expect(held).toBeGreaterThan(0.9)
        }
        expect(report.results.find(({ id }) => id === 'global-mutex')?.status).toBe('found')
      },
    )

    it.skipIf(!hasCommand(compiler))(
      `held 1 µs: a storm, true or said to be short (needs ${compiler})`,
      { timeout: BUILD_MS, retry: 1 },
      async () => {
        const path = buildNative(language, program, variant)
        const { report, lockWaitError, cores } = await traceNative(path, { HOLD_US: '1' })
        const tracefs = report.recording.probes.find(({ id }) => id === 'tracefs')
        say(`${language} ${program} ${variant}, 1 µs`, { error: lockWaitError, cores, lost: tracefs?.dropped ?? -1 })
        expect(lockWaitError).toBeLessThan(0.02)
        if (lockWaitError < -0.02) expect(report.locks[0]?.because).toMatch(/spin/)
        expect(tracefs?.dropped).toBe(0)
      },
    )
  })

  it.each([
    ['cpp', 'glibc', 'gcc'],
    ['cpp', 'musl', 'musl-gcc'],
    ['rust', 'plain', 'cargo'],
  ] as const)('a healthy pool, %s %s, holds nobody up (needs %s)', { timeout: BUILD_MS, retry: 1 }, async (...of) => {
    const [language, variant, compiler] = of
    if (!hasCommand(compiler)) return
    const { report, cores } = await traceNative(buildNative(language, 'condvar-pool', variant))
    const { seconds = Number.NaN, unclassifiedSeconds = Number.NaN } = report.signals.lockWait ?? {}
    say(`${language} ${variant} condvar-pool`, { lockWaitMs: seconds * 1000, unclassifiedSeconds, cores })
    expect(seconds).toBeLessThan(0.01)
    const faults = report.results.filter(({ findings }) => findings.some(({ severity }) => severity !== 'info'))
    // It is asked for nothing over a network.
    expect(faults.map(({ id }) => id).filter((id) => id !== 'no-load')).toEqual([])
  })

  it('2,000 threads a second are counted, each of them', { timeout: BUILD_MS, retry: 1 }, async () => {
    const { report, truth, cores } = await traceNative(buildNative('cpp', 'churn', 'glibc'))
    const { created = 0, exited = 0, fidelity } = report.signals.threads ?? {}
    const [made, ended] = [truth('threads_created'), truth('threads_exited')]
    say('churn', { created, truth: made, exited, cores })
    expect(fidelity).toBe('exact')
    // The window's ends lie between two lines of the truth, a tenth of a second apart.
    expect(Math.abs(created - made)).toBeLessThan(made * 0.002)
    expect(Math.abs(exited - ended)).toBeLessThan(ended * 0.002)
  })

  it('who gives the lock back, by what they do with it', { timeout: BUILD_MS, retry: 1 }, async () => {
    const program = await startProgram(compile(join(ROOT, 'test/probes/native/programs/roles.cpp')))
    const sightings = new Sightings()
    const [sampler, probe] = [new NativeSampler({ sightings }), new TracefsProbe(sightings)]
    const collected = collect(() => [{ pid: program.pid, ppid: 1, command: 'roles' }])
    sampler.start(collected.context)
    await probe.start(collected.context)
    const before = (await program.truth()) as unknown as Record<string, number>
    await sleep(3000)
    const after = (await program.truth()) as unknown as Record<string, number>
    await sampler.stop()
    await probe.stop()
    await probe.close()
    const grown = (field: string) => (after[field] ?? 0) - (before[field] ?? 0)
    const unlocks = collected.of('native-unlock')
    const by = (name: string) =>
      unlocks.filter(({ stack }) => names(collected.stack(stack)).includes(name)).reduce((sum, { n }) => sum + n, 0)
    const all = unlocks.reduce((sum, { n }) => sum + n, 0)
    const [search, update] = [by('search_index') / all, by('update_index') / all]
    const truth = grown('searches') / (grown('searches') + grown('updates'))
    say('holders', { search, update, truth })
    expect(search + update).toBeGreaterThan(0.95)
    expect(Math.abs(search - truth)).toBeLessThan(0.1)
    expect(probe.note).toBeUndefined()
  })

  it('requests, as the server counts them', { timeout: BUILD_MS, retry: 1 }, async () => {
    buildNative('cpp', 'mutex-pool')
    const run = await attachFixture('cpp/mutex-pool', { seconds: 8 })
    const [from, to] = run.report.recording.window
    const source = indexRecords(run.recording, [from * 1000, to * 1000])
    const served = truthInWindow(run, 'served')
    const counted = countNativeRequests(source) ?? 0
    say('requests', { counted, served })
    expect(Math.abs(counted - served)).toBeLessThan(served * 0.01)
  })

  it('killed: nothing is left in the kernel, and the target goes on', { timeout: BUILD_MS }, async () => {
    const target = await startNative(buildNative('cpp', 'hold-mutex'))
    for (const victims of ['holdup', 'holdup and its reader']) {
      const run = startAttach(target.pid, '-d', '60s')
      const [instance = ''] = await until(() => (instances().length > 0 ? instances() : null))
      const reader = Number(instance.split('-')[1])
      onTestFinished(() => (isAlive(reader) ? void process.kill(reader, 'SIGKILL') : undefined))
      if (victims !== 'holdup') process.kill(reader, 'SIGKILL')
      run.child.kill('SIGKILL')
      await run.done
      await until(() => !isAlive(reader))
      await runCli(['list'])
      expect(instances(), victims).toEqual([])
    }
    expect(readdirSync('/run').filter((name) => name.startsWith('holdup-'))).toEqual([])
    expect(isAlive(target.pid)).toBe(true)
    await target.finish()
  })
})
