/** A pid comes back as another process while the list of processes, made each 250 ms, still has the one before. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { CLI, temporaryFolder } from '../support/cli.ts'
import { isRoot } from '../support/targets.ts'

/** Native children, one after the other, that all have the pid of the first. */
const TARGET = `
  const { spawn } = require('node:child_process')
  const { writeFileSync } = require('node:fs')
  const again = (pid, times) => {
    if (pid) writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1))
    const child = spawn('sleep', ['100'], { stdio: 'ignore' })
    console.log(child.pid)
    child.once('exit', () => (times > 1 ? again(child.pid, times - 1) : process.exit()))
    setTimeout(() => child.kill('SIGKILL'), 1300)
  }
  again(0, 3)
`

it.runIf(isRoot)('each of them is followed, and ends (needs root)', async () => {
  const folder = temporaryFolder()
  const inOwnNamespace = ['--pid', '--fork', '--mount-proc', process.execPath]
  const args = [...inOwnNamespace, CLI, 'run', '-o', folder, '--', process.execPath, '-e', TARGET]
  const [pid, ...others] = execFileSync('unshare', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number)
  expect(others).toEqual([pid, pid])
  const { records } = await readRecording(join(folder, 'recording.ndjson.gz'))
  const of = (k: 'process' | 'process-exit' | 'blocked') =>
    records.flatMap((record) => (record.k === k && 'pid' in record && record.pid === pid ? [record] : []))
  expect(of('process')).toHaveLength(3)
  expect(of('process-exit')).toHaveLength(3)
  const last = of('process').at(-1)?.t ?? Infinity
  expect(of('blocked').some(({ t }) => t > last + 500)).toBe(true)
})
