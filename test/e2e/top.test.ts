/** `holdup top`, the built CLI: at a pseudo-terminal, and piped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { startTarget, UNTOUCHED } from '../support/attach.ts'
import { CLI, runCli, startCli, temporaryFolder } from '../support/cli.ts'
import { isAlive, until } from '../support/process.ts'
import { startPty } from '../support/pty.ts'

const SERVES = `
  const server = require('node:http').createServer((_, response) => response.end('ok')).listen(0)
  const { port } = server.address()
  setInterval(() => fetch('http://127.0.0.1:' + port).then((response) => response.text()), 20)
`
const BIG = 20_000

it(
  'at a terminal: starts, sorts, freezes, is resized, records, quits; the target goes on',
  { timeout: 60_000 },
  async () => {
    const target = await startTarget(SERVES)
    const out = join(temporaryFolder(), 'out')
    const top = startPty([process.execPath, CLI, 'top', String(target.pid), '--every', '500ms', '-o', out])
    await top.expect(/Requests/, BIG)
    await top.expect(/Thread time/, BIG)
    top.type('s')
    await top.expect(/s sort \(on CPU\)/, BIG)
    top.type(' ')
    await top.expect(/space go on/, BIG)
    await top.expect(/frozen/, BIG)
    top.type(' ')
    top.resize(70, 12)
    await top.expect(/space freeze/, BIG)
    top.type('r')
    // Long enough for requests to have been counted in it.
    await top.expect(/r report \([3-9]/, BIG)
    top.type('r')
    await top.expect(/report: .*part-1\/report.html/, BIG)
    top.type('q')
    await top.expect(/\u001b\[\?1049l/, BIG)
    await until(() => !isAlive(top.pid))
    const report = JSON.parse(readFileSync(join(out, 'part-1/report.json'), 'utf8')) as Report
    expect(report.signals.http?.perSecond).toBeGreaterThan(10)
    expect(target.process.exitCode).toBeNull()
    await until(() => UNTOUCHED.agent === target.state().agent)
  },
)

it('stays when the target dies, until somebody has seen it', { timeout: 60_000 }, async () => {
  const out = join(temporaryFolder(), 'out')
  const source = `${SERVES}; console.log('printed'); setTimeout(() => process.exit(3), 6000)`
  const top = startPty([
    process.execPath,
    CLI,
    'top',
    '--every',
    '500ms',
    '-o',
    out,
    '--',
    process.execPath,
    '-e',
    source,
  ])
  await top.expect(/Thread time/, BIG)
  await top.expect(/the target has ended/, BIG)
  expect(isAlive(top.pid)).toBe(true)
  top.type('q')
  await until(() => !isAlive(top.pid))
  expect(top.output()).toContain('\u001b[?1049l')
  // What it printed did not run over the screen.
  expect(top.output()).not.toContain('printed')
  expect(readFileSync(join(out, 'output.log'), 'utf8')).toContain('printed')
  expect(readdirSync(out)).toEqual(['output.log'])
})

it('piped: a line each time, without an escape, and nothing is left when it ends', { timeout: 60_000 }, async () => {
  const target = await startTarget(SERVES)
  const out = join(temporaryFolder(), 'out')
  const { child, done } = startCli(['top', '--every', '1s', '-o', out, String(target.pid)])
  let lines = ''
  child.stdout?.on('data', (chunk) => (lines += String(chunk)))
  await until(() => lines.split('\n').length > 4, BIG)
  child.kill('SIGINT')
  const { code, stdout } = await done
  expect(code).toBe(0)
  for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^\d\d:\d\d:\d\d {2}.*threads · /)
  expect(stdout).not.toContain('\u001b')
  expect(existsSync(out)).toBe(false)
})

it.each([
  [['top'], /^error: holdup top needs/],
  [['top', '999999999'], /^error: .*\n *why: .*\n *try: /m],
  [['top', '--port', '1', '--name', 'x'], /^error: holdup top takes one of/],
  [['top', '--port', '1', '--', 'node', 'server.js'], /^error: holdup top takes one of/],
  [['top', '--', 'no-such-command'], /^error: /],
])('%j is answered with an error', async (args, message) => {
  const { code, stderr } = await runCli([...args])
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
})
