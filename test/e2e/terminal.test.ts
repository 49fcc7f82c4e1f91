/** The built CLI at a pseudo-terminal: the target has it as without holdup. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { CLI, temporaryFolder } from '../support/cli.ts'
import { isAlive, until } from '../support/process.ts'
import { CTRL_C, startPty } from '../support/pty.ts'
import type { Pty } from '../support/pty.ts'

/** `holdup run` at a terminal on a target that says what it gets. */
async function atTerminal(source: string): Promise<{ terminal: Pty; out: string }> {
  const folder = temporaryFolder()
  const file = join(folder, 'target.cjs')
  const out = join(folder, 'out')
  writeFileSync(file, `console.log('< up ' + process.stdin.isTTY + ' >'); ${source}`)
  const terminal = startPty([process.execPath, CLI, 'run', '-o', out, '--', process.execPath, file])
  await terminal.expect(/< up true >/)
  return { terminal, out }
}

const reads = `
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => console.log('< line ' + line + ' >'))
`

describe('holdup run at a terminal', () => {
  it('the target reads what is typed, and holdup keeps its status on one line', async () => {
    const { terminal } = await atTerminal(reads)
    terminal.type('hello\r')
    await terminal.expect(/< line hello >/)
    await terminal.expect(/loop .* req\/s/, 10_000)
    terminal.type(CTRL_C)
    await terminal.expect(/Report: /, 20_000)
  })

  it('one Ctrl-C reaches the target once; holdup reports', async () => {
    const { terminal, out } = await atTerminal(`
      process.on('SIGINT', () => { console.log('< SIGINT >'); setTimeout(() => process.exit(3), 300) }); setInterval(() => {}, 1000)
    `)
    await sleep(1000)
    terminal.type(CTRL_C)
    await terminal.expect(/Report: /, 20_000)
    expect(terminal.output().match(/< SIGINT >/g)).toHaveLength(1)
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
    expect(report.target.exit).toEqual({ code: 3, signal: null })
    expect(report.results.find(({ id }) => id === 'target-crashed')?.status).not.toBe('found')
  })

  it('one Ctrl-C that npm passes on as well is one', async () => {
    const { terminal } = await atTerminal('setInterval(() => {}, 1000)')
    await sleep(1000)
    process.kill(terminal.pid, 'SIGINT')
    await sleep(5)
    process.kill(terminal.pid, 'SIGINT')
    await terminal.expect(/Report: /, 20_000)
  })

  it('a second Ctrl-C leaves at once and takes a target that will not end along', async () => {
    const { terminal } = await atTerminal(`
      process.on('SIGINT', () => console.log('< SIGINT >')); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)
      console.log('< pid ' + process.pid + ' >')
    `)
    const [, pid] = /< pid (\d+) >/.exec(await terminal.expect(/< pid \d+ >/)) ?? []
    await sleep(1000)
    terminal.type(CTRL_C)
    await terminal.expect(/< SIGINT >/)
    await sleep(250)
    terminal.type(CTRL_C)
    // Well before the grace of 5 s; an orphan may wait a while as a zombie for init.
    await until(() => !isAlive(Number(pid)) && !isAlive(terminal.pid), 3000)
  })
})
