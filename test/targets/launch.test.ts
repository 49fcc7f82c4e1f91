import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { launch } from '../../src/targets/launch.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type DriverEvent, type DriverOptions, isAlive, launchedPid, startDriver, until } from '../support/process.ts'

const NODE = process.execPath

async function run(command: readonly string[], options?: DriverOptions & { input?: string }) {
  const started = startDriver(command, options)
  started.child.stdin?.end(options?.input)
  await started.closed
  const event = <K extends keyof DriverEvent>(kind: K) => started.events().find((each) => kind in each)?.[kind]
  return { stdout: started.stdout(), stderr: started.stderr(), code: started.child.exitCode, event }
}

describe('the target', () => {
  it('has stdin, stdout and stderr to itself', async () => {
    const { stdout, stderr } = await run(['sh', '-c', 'read line; echo "out $line"; echo "err $line" >&2'], {
      input: 'hello\n',
    })
    expect(stdout).toBe('out hello\n')
    expect(stderr).toBe('err hello\n')
  })

  it('writes its stdout to stderr where the report takes stdout', async () => {
    const { stdout, stderr } = await run(['sh', '-c', 'echo out; echo err >&2'], { stdout: 'stderr' })
    expect(stdout).toBe('')
    expect(stderr).toBe('out\nerr\n')
  })

  it.each([
    ['at once', ['true'], { code: 0, signal: null }],
    ['at once with a code', ['sh', '-c', 'exit 7'], { code: 7, signal: null }],
    ['by a crash half-way', [NODE, '-e', 'setTimeout(() => process.abort(), 300)'], { code: null, signal: 'SIGABRT' }],
    ['by a kill -9', ['sh', '-c', 'kill -9 $$'], { code: null, signal: 'SIGKILL' }],
  ])('ends %s and its exit is known', async (_how, command, exit) => {
    const { event } = await run(command)
    expect(event('exit')).toEqual(exit)
  })

  it('takes eight arguments of 128 kB', async () => {
    const { stdout } = await run([
      NODE,
      '-p',
      'process.argv.slice(1).join("").length',
      ...Array<string>(8).fill('x'.repeat(128_000)),
    ])
    expect(stdout).toBe('1024000\n')
  })

  it('goes on when holdup is killed', async () => {
    const { child, stdout, events } = startDriver([NODE, '-e', 'setInterval(() => console.log("beat"), 20)'])
    const pid = await launchedPid(events)
    child.kill('SIGKILL')
    await until(() => child.signalCode)
    const before = stdout()
    await until(() => stdout().length > before.length)
    expect(isAlive(pid)).toBe(true)
  })
})

describe('what cannot be started says why and what to try', () => {
  const folder = () => {
    const path = temporaryFolder()
    writeFileSync(join(path, 'server'), '#!/bin/sh\necho hi\n', { mode: 0o755 })
    writeFileSync(join(path, 'plain.js'), 'console.log(1)', { mode: 0o644 })
    writeFileSync(join(path, 'noperl'), '#!/usr/bin/no-such-perl\n', { mode: 0o755 })
    mkdirSync(join(path, 'folder'))
    return path
  }

  it.each([
    ['an unknown command', ['no-such-program'], 'command-not-found', /PATH/, /command -v no-such-program/],
    [
      'a file of this folder without ./',
      ['server', '--port', '1'],
      'command-not-found',
      /PATH/,
      /holdup run -- \.\/server --port 1/,
    ],
    ['a path without a file', ['./nothing'], 'command-not-found', /no such file/, /ls -l \.\/nothing/],
    ['a script whose interpreter is missing', ['./noperl'], 'command-not-found', /no-such-perl/, /head -n 1/],
    [
      'a script without permission',
      ['./plain.js', 'a b'],
      'not-executable',
      /permission/,
      /holdup run -- node \.\/plain\.js 'a b'/,
    ],
    ['a folder', ['./folder'], 'not-executable', /folder/, /ls \.\/folder/],
  ])('%s', async (_name, command, code, why, attempt) => {
    const { event, code: exitCode } = await run(command, { cwd: folder() })
    expect(event('error')).toMatchObject({ code, why: expect.stringMatching(why), try: expect.stringMatching(attempt) })
    expect(exitCode).toBe(2)
  })

  it('without permission in the folder of a command on the PATH', async () => {
    const path = folder()
    chmodSync(join(path, 'server'), 0o644)
    const { event } = await run(['server'], { env: { PATH: path } })
    expect(event('error')).toMatchObject({ code: 'not-executable', try: `chmod +x ${join(path, 'server')}` })
  })

  it('with more arguments than the system takes', async () => {
    await expect(launch(['echo', 'x'.repeat(4 << 20)], { env: {}, stdout: 'ignore' })).rejects.toMatchObject({
      code: 'not-started',
      why: expect.stringMatching(/arguments and environment \(\d{7} bytes\)/),
    })
  })

  it('in a folder that is gone', async () => {
    const before = process.cwd()
    const gone = temporaryFolder()
    process.chdir(gone)
    rmdirSync(gone)
    const started = launch(['./server'], { env: process.env, stdout: 'ignore' })
    await expect(started).rejects.toMatchObject({ code: 'not-started', why: expect.stringContaining('folder') })
    process.chdir(before)
  })
})
