import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cgroupCpuLimit, describeHost } from '../../src/targets/host.ts'
import { identifyRuntime } from '../../src/targets/identify.ts'
import { until } from '../support/process.ts'

describe('identifyRuntime', () => {
  it.each([
    ['node', [process.execPath, '-e', 'setInterval(() => {}, 1000)']],
    ['native', ['sleep', '30']],
    ['python', ['python3', '-c', 'import time; time.sleep(30)']],
  ])('knows %s by its executable', async (runtime, [file = '', ...args]) => {
    const child = spawn(file, args)
    onTestFinished(() => void child.kill())
    // A wrapper such as pyenv's execs the program itself after a while.
    await until(() => identifyRuntime(child.pid ?? 0, '') === runtime)
  })

  it.each([
    ['/usr/bin/node server.js', 'node'],
    ['java -jar app.jar', 'jvm'],
    ['python3.12 app.py', 'python'],
    ['./server', 'unknown'],
  ])('without /proc goes by the command: %s', (command, runtime) => {
    expect(identifyRuntime(2 ** 22 + 1, command)).toBe(runtime)
  })
})

describe('describeHost', () => {
  it('gives the facts of this machine', () => {
    const host = describeHost()
    expect(host.cores).toBe(availableParallelism())
    expect(host.memoryBytes).toBeGreaterThan(1e8)
    expect([1, 2.5, 10 / 3, 4, 10]).toContain(host.tickMs)
  })
})

describe('cgroupCpuLimit', () => {
  const limit = (files: Record<string, string>) => cgroupCpuLimit((path) => files[path] ?? null)

  it.each([
    ['nothing', {}, null],
    ['v2 without a limit', { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cpu.max': 'max 100000\n' }, null],
    ['v2', { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/cpu.max': '150000 100000\n' }, 1.5],
    [
      'v2, a group above is narrower',
      {
        '/proc/self/cgroup': '0::/a/b\n',
        '/sys/fs/cgroup/a/b/cpu.max': '400000 100000\n',
        '/sys/fs/cgroup/a/cpu.max': '200000 100000\n',
      },
      2,
    ],
    [
      'v1 in a container',
      {
        '/proc/self/cgroup': '3:cpu,cpuacct:/docker/0f\n0::/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      0.5,
    ],
    [
      'v1 without a limit',
      {
        '/proc/self/cgroup': '3:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      null,
    ],
  ])('%s', (_name, files, expected) => {
    expect(limit(files as Record<string, string>)).toBe(expected)
  })
})
