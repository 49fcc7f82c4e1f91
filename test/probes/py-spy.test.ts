import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { canSpyOnPython } from '../../src/probes/py-spy/available.ts'
import { parseFolded } from '../../src/probes/py-spy/folded-stacks.ts'
import { PySpyProbe } from '../../src/probes/py-spy/probe.ts'
import type { Report } from '../../src/report/model.ts'
import { ROOT, runCli, temporaryFolder } from '../support/cli.ts'
import { hasCommand } from '../support/native-fixture.ts'
import { collect } from '../support/process.ts'

const BUSY = join(ROOT, 'test/probes/py-spy/busy.py')
const CROWDED = join(ROOT, 'test/probes/py-spy/crowded.py')
const WINDOW_MS = 5000

interface Spent {
  hotMs: number
  coldMs: number
}

/** Tells what it has spent so far. */
async function startBusy(): Promise<{ child: ChildProcess; spent: () => Promise<Spent> }> {
  const child = spawn('python3', [BUSY], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const spent = async () => {
    const [line] = (await once(lines, 'line')) as [string]
    return JSON.parse(line) as Spent
  }
  await spent()
  return { child, spent }
}

describe.skipIf(!hasCommand('python3') || !canSpyOnPython())('probe py-spy (needs python3 and py-spy)', () => {
  it('takes away the folder that a killed holdup left', async () => {
    const left = mkdtempSync(join(tmpdir(), 'holdup-py-spy-'))
    const fresh = mkdtempSync(join(tmpdir(), 'holdup-py-spy-'))
    onTestFinished(() => rmSync(fresh, { recursive: true }))
    writeFileSync(join(left, 'stacks'), '')
    utimesSync(left, new Date(0), new Date(0))
    const probe = new PySpyProbe()
    const { child } = await startBusy()
    probe.start(collect(() => [{ pid: child.pid ?? 0, ppid: 1, command: `python3 ${BUSY}` }]).context)
    await probe.stop()
    expect([left, fresh].map((folder) => existsSync(folder))).toEqual([false, true])
  })

  it('tells what Python functions use CPU, by thread, and who called them', { retry: 1 }, async () => {
    const { child, spent } = await startBusy()
    const pid = child.pid ?? 0
    const probe = new PySpyProbe()
    const collected = collect(() => [{ pid, ppid: 1, command: `python3 ${BUSY}` }])
    const before = await spent()
    probe.start(collected.context)
    await sleep(WINDOW_MS)
    // Asked while it runs.
    expect(probe.cost().cpuSeconds).toBeLessThan(0.5)
    await probe.stop()
    const after = await spent()
    expect(probe.note).toBeUndefined()

    const rows = collected.of('on-cpu').flatMap((record) => record.rows)
    const stacks = rows.map(([tid, , ms, stack]) => ({ tid, ms, stack: collected.stack(stack) }))
    const msIn = (name: string) =>
      stacks.reduce((sum, { stack, ms }) => sum + (stack.some((frame) => frame.startsWith(`${name} (`)) ? ms : 0), 0)
    expect(msIn('hot')).toBeGreaterThan((after.hotMs - before.hotMs) * 0.85)
    expect(msIn('hot')).toBeLessThan((after.hotMs - before.hotMs) * 1.15)
    expect(msIn('hot') / (msIn('hot') + msIn('cold'))).toBeCloseTo(0.8, 1)
    expect(new Set(stacks.map(({ tid }) => tid))).toEqual(new Set([pid]))
    const [heaviest] = stacks.toSorted((a, b) => b.ms - a.ms)
    expect(heaviest?.stack.slice(0, 3)).toEqual([`work_for (${BUSY}:7)`, `hot (${BUSY}:15)`, `serve (${BUSY}:23)`])
  })

  it('takes no thread that waits for the interpreter lock for one that runs', { retry: 1 }, async () => {
    const child = spawn('python3', [CROWDED], { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await sleep(300)
    const probe = new PySpyProbe()
    const collected = collect(() => [{ pid: child.pid ?? 0, ppid: 1, command: `python3 ${CROWDED}` }])
    probe.start(collected.context)
    await sleep(3000)
    await probe.stop()
    const rows = collected.of('on-cpu').flatMap((record) => record.rows)
    const msIn = (name: string) =>
      rows.reduce((sum, [, , ms, stack]) => sum + (collected.stack(stack)[0]?.startsWith(name) ? ms : 0), 0)
    expect(msIn('score')).toBeGreaterThan(1000)
    expect(msIn('exchange') / msIn('score')).toBeLessThan(0.15)
  })

  it('says nothing of a program that has ended, and why it cannot look into one', async () => {
    const { child } = await startBusy()
    const probe = new PySpyProbe()
    const collected = collect(() => [{ pid: child.pid ?? 0, ppid: 1, command: `python3 ${BUSY}` }])
    probe.start(collected.context)
    await sleep(300)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await probe.stop()
    expect(probe.note).toBeUndefined()
  })

  it('in the report of a launched program, in place of the interpreter', async () => {
    const folder = temporaryFolder()
    const { code, stdout, stderr } = await runCli(['run', '--json', '-d', '6s', '-o', folder, '--', 'python3', BUSY])
    expect(code, stderr).toBe(0)
    const { flames } = JSON.parse(stdout) as Report
    const frames = flames.filter(({ kind }) => kind === 'cpu').flatMap((flame) => flame.frames)
    expect(frames).toContain(`hot (${BUSY}:15)`)
    expect(frames.filter((frame) => frame.startsWith('_PyEval_EvalFrameDefault'))).toEqual([])
  }, 30_000)
})

it('reads what py-spy writes, and leaves out what it does not know', () => {
  const text = [
    'thread (4711): worker a;run (/usr/lib/python3.11/threading.py:982);work (/srv/app.py:9) 8',
    'main (/srv/app.py:1) 2',
    'thread (12): MainThread;<module> (/srv/my app.py:3) 1',
    'thread (0x7F12AB): worker b;run (/srv/app.py:5) 4',
    'no number',
    'negative (a.py:1) -3',
    '',
  ].join('\n')
  expect(parseFolded(text)).toEqual([
    { tid: 4711, stack: ['work (/srv/app.py:9)', 'run (/usr/lib/python3.11/threading.py:982)'], samples: 8 },
    { tid: 0, stack: ['main (/srv/app.py:1)'], samples: 2 },
    { tid: 12, stack: ['<module> (/srv/my app.py:3)'], samples: 1 },
    { tid: 0, stack: ['run (/srv/app.py:5)'], samples: 4 },
  ])
})
