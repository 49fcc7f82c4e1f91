import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { runCli, startCli, temporaryFolder } from '../support/cli.ts'
import { freePort } from '../../src/cli/free-port.ts'

const server = `
  const http = require('node:http')
  http.createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT ?? 0), '127.0.0.1')
`

/** A script in a folder of its own, and where to report to. */
function script(source: string, name = 'server.cjs'): { file: string; out: string } {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), source)
  return { file: join(folder, name), out: join(folder, 'out') }
}

function reportIn(out: string): Report {
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
}

describe('says what is wrong, why and what to try, and exits with 2', () => {
  it.each([
    ['no command', ['run'], 'needs a command'],
    ['nothing at all', [], 'no command'],
    ['an unknown command', ['rnu', '--', 'node'], 'no command "rnu"'],
    ['an unknown option', ['run', '--durration', '3s', '--', 'node'], '--durration'],
    ['a command that is not there', ['run', '-o', '/tmp/holdup-none', '--', 'no-such-program'], 'no-such-program'],
    ['a duration that is none', ['run', '-d', 'soon', '--', 'node'], 'takes a duration'],
    ['a size that is none', ['run', '--max-size', 'big', '--', 'node'], 'takes a size'],
    ['a load that is no URL', ['run', '--load', 'localhost', '--', 'node'], '--load'],
    ['a recording that is not there', ['report', '/no/such/folder'], 'no recording'],
    ['a detector that is not there', ['explain', 'global-mutexx'], 'no detector'],
    ['a missing argument', ['compare', 'one'], 'needs'],
    ['one argument too many', ['attach', '1', '2'], 'attach takes <pid>'],
    ['an argument where none is taken', ['doctor', 'now'], 'takes no arguments'],
    ['an option without its value', ['audit', '--junit'], '--junit <file> was given without its value'],
    ['an option before the verb', ['--no-color', 'run', '--foo'], 'holdup run has no option --foo'],
    ['an option and no verb', ['-x'], 'holdup has no option -x'],
    ['a verb that help does not know', ['help', 'nonsense'], 'no command "nonsense"'],
    ['a size under the least', ['run', '--max-size', '500kB', '--', 'node'], 'under 1 MB'],
    ['an option of another verb', ['top', '--every', '0'], 'try: holdup top --every 30s --port 8080'],
    ['a number that is none', ['scale', '--rounds', 'x'], 'try: holdup scale --rounds 32 -- node server.js'],
    ['a blank name', ['attach', '--name', ' '], 'try: holdup attach --name server.js\n'],
    ['a port that is none', ['scale', '--port', 'abc'], 'try: holdup scale --port 8080\n'],
    ['a pid that cannot be', ['attach', '-5'], 'try: holdup list --targets'],
    ['no selector', ['top'], 'top needs <pid>, --port, --name or -- <command>'],
    ['a warm-up as long as the run', ['run', '-d', '1s', '--warmup', '5s', '--', 'node'], 'do not go together'],
    ['a span that ends before it begins', ['report', '--from', '5s', '--to', '2s', 'x'], 'do not go together'],
    ['connections without a load', ['run', '-c', '4', '--', 'node'], 'no --load do not go together'],
    ['two loads', ['run', '--load', '/', '--on-port', 'true', '--', 'node'], 'do not go together'],
    ['requests from no file', ['run', '--load', '/', '--requests-from', 'nope', '--', 'true'], 'cannot read nope'],
    ['an empty command', ['run', '--', ''], 'needs a command'],
    ['an empty folder name', ['run', '-o', '', '--', 'true'], '--output does not take'],
    ['a folder where none can be', ['run', '-o', '/proc/none', '--', 'true'], 'cannot write /proc/none'],
    ['a recording that an id has none of', ['explain', 'global-mutex', 'x'], 'one too many'],
    ['recordings and commands', ['compare', 'a', 'b', '--run', 'x'], 'one too many'],
  ])('%s', async (_name, args, what) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: temporaryFolder() })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*\n *why: .*\n *try: .*\n$/m)
    expect(stderr).toContain(what)
    expect(stdout).toBe('')
  })

  it('as JSON under --json', async () => {
    const { code, stdout, stderr } = await runCli(['run', '--json', '--', 'no-such-program'], {
      cwd: temporaryFolder(),
    })
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'command-not-found' } })
    expect(stderr).toBe('')
  })

  it('a file without permission to run', async () => {
    const { file, out } = script('#!/bin/sh\n', 'server.sh')
    chmodSync(file, 0o644)
    const { code, stderr } = await runCli(['run', '-o', out, '--', file])
    expect(code).toBe(2)
    expect(stderr).toContain('chmod +x')
  })

  it('a load that nobody answers, but the report is there', async () => {
    const { file, out } = script(server)
    const run = ['run', '--load', 'http://127.0.0.1:1/', '-d', '2s', '-o', out, '--', process.execPath, file]
    const { code, stderr } = await runCli(run)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: no load was driven: http:\/\/127.0.0.1:1\/ did not answer within 2\.\d+ s$/m)
    expect(stderr).toMatch(/^why: the target listens on port \d+$/m)
    expect(reportIn(out).recording.seconds).toBeGreaterThan(1.5)
  })

  it('an output folder that can not be written', async () => {
    const { file, out } = script(server)
    writeFileSync(out, 'a file, not a folder')
    const { code, stderr } = await runCli(['run', '-o', join(out, 'below'), '--', process.execPath, file])
    expect(code).toBe(2)
    expect(stderr).toContain('cannot write')
  })

  it('a recording of a future version', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'recording.ndjson'), '{"format":"holdup-recording","version":99,"holdup":"9.0.0"}\n')
    const { code, stderr } = await runCli(['report', folder])
    expect(code).toBe(2)
    expect(stderr).toContain('version 99')
  })
})

it('a path alone is where the target listens; --no-color may follow the verb', { timeout: 20_000 }, async () => {
  const { file, out } = script(server)
  const run = ['run', '--load', '/', '-c', '2', '-d', '3s', '--no-color', '-o', out, '--', process.execPath, file]
  const { code, stderr } = await runCli(run)
  expect(code, stderr).toBe(0)
  expect(reportIn(out).signals.http?.requests).toBeGreaterThan(10)
})

describe('a target that ends by itself still gets its report', () => {
  it('exits at once', async () => {
    const { out } = script('')
    const { code } = await runCli(['run', '-o', out, '--', 'true'])
    expect(code).toBe(0)
    expect(reportIn(out).target.exit).toEqual({ code: 0, signal: null })
  })

  it('crashes half-way', async () => {
    const { file, out } = script(`${server}; setTimeout(() => { throw new Error('boom') }, 1500)`)
    const { code, stderr } = await runCli(['run', '-o', out, '--', process.execPath, file])
    expect(code).toBe(0)
    expect(stderr).toContain('boom')
    expect(reportIn(out).target.exit).toEqual({ code: 1, signal: null })
    expect(reportIn(out).results.find(({ id }) => id === 'target-crashed')?.status).toBe('found')
  })

  it('is killed −9', async () => {
    const { file, out } = script(`${server}; setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2500)`)
    const { code } = await runCli(['run', '-o', out, '--fail-on', 'critical', '--', process.execPath, file])
    expect(code).toBe(1)
    expect(reportIn(out).target.exit).toEqual({ code: null, signal: 'SIGKILL' })
    expect(reportIn(out).stacks.length).toBeGreaterThan(0)
  })
})

describe('holdup killed −9', () => {
  it(
    'leaves the target running, the agent silent within 3 s, the recording readable',
    { timeout: 40_000 },
    async () => {
      const { file, out } = script(`${server}
      const seen = () => [process.listenerCount('exit'), Atomics.wait.toString().includes('native code')].join()
      const { renameSync, writeFileSync } = require('node:fs')
      const alive = __dirname + '/alive'
      // In one step: the test reads it at any moment.
      setInterval(() => {
        writeFileSync(alive + '.new', Date.now() + ' ' + seen() + ' ' + process.pid)
        renameSync(alive + '.new', alive)
      }, 100)
    `)
      const { child } = startCli(['run', '-o', out, '--', process.execPath, file])
      await sleep(3500)
      child.kill('SIGKILL')
      await sleep(3000)
      const [at, state, pid] = readFileSync(join(file, '../alive'), 'utf8').split(' ')
      try {
        expect(Date.now() - Number(at)).toBeLessThan(1000)
        expect(state).toBe('0,true')
        const recording = await readRecording(out)
        expect(recording.problems.cutOff).toMatch(/without its end/)
        expect(recording.records.filter(({ k }) => k === 'loop').length).toBeGreaterThan(3)
        expect((await runCli(['report', out])).code).toBe(0)
        expect(reportIn(out).recording.cutOff).toMatch(/without its end/)
      } finally {
        process.kill(Number(pid), 'SIGKILL')
      }
    },
  )
})

describe('hostile names and secrets', () => {
  const hostile = `</script><script>alert(1)</script>\u001b[31mred\u202e`

  it('in a thread, a stack and arguments: nowhere as they are', { timeout: 60_000 }, async () => {
    const { file, out } = script(`${server}
      const evil = ${JSON.stringify(hostile)}
      const fn = { [evil]() { const end = performance.now() + 60; while (performance.now() < end); } }
      setInterval(() => fn[evil](), 100)
      new (require('node:worker_threads').Worker)('setInterval(() => {}, 10)', { eval: true, name: evil })
    `)
    const args = Array.from({ length: 8 }, () => 'x'.repeat(128 * 1024 - 200))
    const { code, stderr } = await runCli([
      'run',
      '-d',
      '4s',
      '-o',
      out,
      '--',
      process.execPath,
      file,
      hostile,
      ...args,
    ])
    expect(code, stderr).toBe(0)
    expect(stderr).not.toMatch(/\u001b\[31m|\u202e/)
    const html = readFileSync(join(out, 'report.html'), 'utf8')
    expect(html).not.toContain('<script>alert')
    expect(readFileSync(join(out, 'report.md'), 'utf8')).not.toMatch(/^[^`]*<script>|\u001b/m)
    expect(reportIn(out).target.command.length).toBeLessThan(2000)
  })

  it('a secret in argv, env and query string is in no output', { timeout: 60_000 }, async () => {
    const secret = 'hunter2-5f3a9c1e'
    const { file, out } = script(`${server}
      setInterval(() => http.get({ port: process.env.PORT, path: '/search?q=1&token=${secret}' }, (r) => r.resume()).on('error', () => {}), 50)
      import('data:text/javascript,export function q(){const e=performance.now()+30;while(performance.now()<e);}//?key=${secret}').then((m) => setInterval(m.q, 60))
    `)
    const command = [
      process.execPath,
      file,
      '--db-password',
      secret,
      `--url=https://user:${secret}@db/x?token=${secret}`,
      `API_TOKEN=${secret}`,
    ]
    const { code, stdout, stderr } = await runCli(['run', '--json', '-d', '4s', '-o', out, '--', ...command], {
      env: { PORT: String(await freePort()), MY_SECRET: secret },
    })
    expect(code, stderr).toBe(0)
    expect(reportIn(out).signals.http?.requests).toBeGreaterThan(10)
    const files = ['report.json', 'report.html', 'report.md'].map((name) => readFileSync(join(out, name), 'utf8'))
    const recording = gunzipSync(readFileSync(join(out, 'recording.ndjson.gz'))).toString()
    const profiles = reportIn(out).stacks.map((stack) => readFileSync(join(out, stack.file), 'utf8'))
    for (const text of [stdout, ...files, recording, ...profiles]) expect(text).not.toContain(secret)
  })
})

describe('a full disk', () => {
  const full = '/tmp/holdup-full-disk'

  it.skipIf(process.getuid?.() !== 0)(
    'stops the recording and not the target (needs root for a small tmpfs)',
    async () => {
      const { execFileSync } = await import('node:child_process')
      mkdirSync(full, { recursive: true })
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full])
      try {
        const { file } = script(`${server}; setTimeout(() => { console.log('target done'); process.exit(0) }, 5000)`)
        const { code, stdout, stderr } = await runCli(['run', '-o', join(full, 'out'), '--', process.execPath, file])
        expect(stdout).toContain('target done')
        expect(code).toBe(2)
        expect(stderr).toMatch(/disk is full|cannot write/)
        expect(existsSync(join(full, 'out'))).toBe(true)
      } finally {
        execFileSync('umount', ['-l', full])
      }
    },
  )
})
