/** What a long recording of a running process needs: marks, and reports of its parts. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { startAttach, startTarget } from '../support/attach.ts'
import { CLI, runCli, temporaryFolder } from '../support/cli.ts'
import { until } from '../support/process.ts'
import { CTRL_C, startPty } from '../support/pty.ts'

const SAYS_RECORDING = /recording .*Ctrl-C/

const reportIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report

describe('marks', () => {
  it('are made by SIGUSR2, and stand in the report', async () => {
    const target = await startTarget()
    const { child, done } = startAttach(target.pid, '-d', '4s')
    let said = ''
    child.stderr?.on('data', (chunk) => (said += String(chunk)))
    await until(() => SAYS_RECORDING.test(said))
    child.kill('SIGUSR2')
    await sleep(500)
    child.kill('SIGUSR2')
    const run = await done
    const { marks } = run.report().recording
    expect(marks.map(({ label }) => label)).toEqual(['SIGUSR2', 'SIGUSR2'])
    expect((marks[1]?.at ?? 0) - (marks[0]?.at ?? 0)).toBeGreaterThan(0.3)
    expect(run.stdout).toMatch(/marked at [\d.]+ s,\s+[\d.]+ s/)
  })

  it('that come after the recording harm nothing', async () => {
    const target = await startTarget()
    const { child, done } = startAttach(target.pid, '-d', '1s')
    let said = ''
    child.stderr?.on('data', (chunk) => (said += String(chunk)))
    await until(() => SAYS_RECORDING.test(said))
    const marking = setInterval(() => child.kill('SIGUSR2'), 10)
    child.stdout?.once('data', () => clearInterval(marking))
    const run = await done
    expect(run.code, `${run.signal} ${run.stderr}`).toBe(0)
    expect(run.report().recording.marks.length).toBeGreaterThan(10)
  })

  it('are made by a key at the terminal, where Ctrl-C still ends the recording', async () => {
    const target = await startTarget()
    const out = join(temporaryFolder(), 'out')
    const terminal = startPty([process.execPath, CLI, 'attach', String(target.pid), '-o', out])
    await terminal.expect(SAYS_RECORDING, 10_000)
    terminal.type('m')
    await sleep(300)
    terminal.type(CTRL_C)
    await terminal.expect(/Report: /, 20_000)
    expect(reportIn(out).recording.marks).toMatchObject([{ label: 'key m' }])
    expect(process.kill(target.pid, 0)).toBe(true)
  })
})

it('in the background of a shell it records to its end', async () => {
  const target = await startTarget()
  const out = join(temporaryFolder(), 'out')
  const shell = startPty(['bash', '--norc', '--noprofile', '-i'])
  shell.type(`${[process.execPath, CLI, 'attach', target.pid, '-d', '1s', '-o', out].join(' ')} &\r`)
  await shell.expect(/Report: /, 20_000)
  expect(reportIn(out).recording.marks).toEqual([])
})

describe('parts of a recording', () => {
  it('are reported one after the other while it grows', async () => {
    const target = await startTarget()
    const run = await startAttach(target.pid, '-d', '7s', '--report-every', '2s').done
    expect(run.code, run.stderr).toBe(0)
    const windows = ['0001', '0002'].map((name) => join(run.out, 'windows', name))
    expect(windows.filter((window) => existsSync(join(window, 'report.html')))).toEqual(windows)
    const [first, second] = windows.map((window) => reportIn(window).recording.window)
    expect(second?.[0]).toBeGreaterThanOrEqual((first?.[1] ?? Infinity) - 0.1)
  })

  it('are reported later by --from and --to', async () => {
    const target = await startTarget()
    const run = await startAttach(target.pid, '-d', '4s').done
    const { code, stdout } = await runCli([
      'report',
      run.out,
      '--from',
      '2s',
      '--to',
      '3s',
      '--json',
      '-o',
      temporaryFolder(),
    ])
    expect(code).toBe(0)
    const { window } = (JSON.parse(stdout) as Report).recording
    expect(window[0]).toBeGreaterThanOrEqual(2)
    expect(window[1]).toBeLessThanOrEqual(3)
  })
})
