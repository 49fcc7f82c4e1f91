import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { coresAllowed, readThrottling } from '../../src/probes/proc/cgroup-files.ts'
import { cpuGroups } from '../../src/probes/proc/cgroup-path.ts'
import { ProcProbe } from '../../src/probes/proc/probe.ts'
import { makeCpuGroup } from '../support/cpu-group.ts'
import { collect, until } from '../support/process.ts'

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n'
/** By the kernel's documentation, cgroup-v2.rst; of version 1 as Linux 6.18 wrote it under a busy loop. */
const STAT_V2 = `usage_usec 812345
user_usec 700000
system_usec 112345
nice_usec 0
core_sched.force_idle_usec 0
nr_periods 42
nr_throttled 17
throttled_usec 1634000
nr_bursts 0
burst_usec 0
`
const STAT_V1 = 'nr_periods 21\nnr_throttled 20\nthrottled_time 1601014518\nnr_bursts 0\nburst_time 0\n'

const reader = (files: Record<string, string>) => (path: string) => files[path] ?? null

describe('the groups of a process', () => {
  const paths = (files: Record<string, string>) => cpuGroups(7, reader(files)).map(({ path }) => path)

  it.each([
    [
      'version 2, and those above',
      { '/proc/7/cgroup': '0::/kube.slice/pod1/search\n', '/proc/self/mountinfo': V2 },
      [
        '/sys/fs/cgroup/kube.slice/pod1/search',
        '/sys/fs/cgroup/kube.slice/pod1',
        '/sys/fs/cgroup/kube.slice',
        '/sys/fs/cgroup',
      ],
    ],
    ['in a namespace of its own', { '/proc/7/cgroup': '0::/\n', '/proc/self/mountinfo': V2 }, ['/sys/fs/cgroup']],
    [
      'version 1 beside an empty version 2',
      {
        '/proc/7/cgroup': '4:memory:/m\n3:cpu,cpuacct:/web\n0::/u\n',
        '/proc/self/mountinfo': `32 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
      },
      ['/sys/fs/cgroup/cpu,cpuacct/web', '/sys/fs/cgroup/cpu,cpuacct'],
    ],
    [
      'a container that sees its own group as the top',
      {
        '/proc/7/cgroup': '3:cpu:/docker/0f/inner\n',
        '/proc/self/mountinfo': '32 31 0:30 /docker/0f /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n',
      },
      ['/sys/fs/cgroup/cpu/inner', '/sys/fs/cgroup/cpu'],
    ],
    [
      'another container: by its own mounts',
      {
        '/proc/7/cgroup': '0::/../search\n',
        '/proc/self/mountinfo': V2,
        '/proc/7/mountinfo': '30 23 0:26 /../search /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n',
      },
      ['/proc/7/root/sys/fs/cgroup'],
    ],
    [
      'a mount point with a blank',
      { '/proc/7/cgroup': '0::/a\n', '/proc/self/mountinfo': '30 23 0:26 / /my\\040groups rw - cgroup2 none rw\n' },
      ['/my groups/a', '/my groups'],
    ],
    ['a group that nobody shows', { '/proc/7/cgroup': '0::/../x\n', '/proc/self/mountinfo': V2 }, []],
    ['no control groups', {}, []],
  ])('%s', (_, files, expected) => {
    expect(paths(files as Record<string, string>)).toEqual(expected)
  })
})

describe('what its files say', () => {
  const v2 = (files: Record<string, string>) => ({ folder: { path: '/g', v1: false }, read: reader(files) })

  it.each([
    ['1.5 cores', '150000 100000\n', 1.5],
    ['a short period', '10000 20000\n', 0.5],
    ['no limit', 'max 100000\n', null],
  ])('%s', (_, text, expected) => {
    const { folder, read } = v2({ '/g/cpu.max': text })
    expect(coresAllowed(folder, read)).toBe(expected)
  })

  it('how often it was stopped, in both versions', () => {
    const { folder, read } = v2({ '/g/cpu.stat': STAT_V2 })
    expect(readThrottling(folder, read)).toEqual({ periods: 42, throttled: 17, throttledMs: 1634 })
    const v1 = readThrottling({ path: '/g', v1: true }, reader({ '/g/cpu.stat': STAT_V1 }))
    expect(v1).toEqual({ periods: 21, throttled: 20, throttledMs: 1601.014518 })
  })

  it('a group that only counts what it used', () => {
    const { folder, read } = v2({ '/g/cpu.stat': 'usage_usec 5\nuser_usec 5\nsystem_usec 0\n' })
    expect(readThrottling(folder, read)).toBeNull()
  })
})

describe('probe proc', () => {
  const probing = (pid: number) => {
    const probe = new ProcProbe()
    const collected = collect(() => [{ pid, ppid: 1, command: 'sh' }])
    probe.start(collected.context)
    onTestFinished(() => probe.stop())
    return { probe, collected }
  }
  const start = (script: string) => {
    const child = spawn('sh', ['-c', script])
    onTestFinished(() => void child.kill('SIGKILL'))
    return child.pid ?? 0
  }

  const group = makeCpuGroup(0.2)
  it.skipIf(!group)(
    'counts the periods of a real group in which a busy loop is stopped (needs control groups that may be written)',
    async () => {
      const { path = '', enter = '', remove } = group ?? {}
      onTestFinished(() => void remove?.())
      const { probe, collected } = probing(start(`${enter}; while :; do :; done`))
      await until(() => collected.of('cgroup').some(({ name }) => name === path))
      await sleep(2500)
      probe.stop()
      const records = collected.of('cgroup').filter(({ name }) => name === path)
      const sum = (field: 'ms' | 'periods' | 'throttled' | 'throttledMs') =>
        records.reduce((all, record) => all + record[field], 0)
      expect(records.every(({ cores }) => cores === 0.2)).toBe(true)
      expect(records.some(({ shared }) => shared)).toBe(false)
      expect(sum('ms')).toBeGreaterThan(2400)
      expect(sum('periods')).toBeGreaterThan(sum('ms') / 150)
      expect(sum('periods')).toBeLessThan(sum('ms') / 90)
      expect(sum('throttled') / sum('periods')).toBeGreaterThan(0.8)
      expect(sum('throttledMs') / sum('ms')).toBeGreaterThan(0.6)
    },
  )

  it('says that there is no limit', async () => {
    const { collected } = probing(start('sleep 30'))
    const groups = cpuGroups(process.pid)
    const isLimited = groups.some((folder) => coresAllowed(folder) !== null)
    await sleep(1500)
    const names = new Set(collected.of('cgroup').flatMap(({ name, cores }) => (cores === null ? [name] : [])))
    expect([...names]).toEqual(isLimited || groups.length === 0 ? [] : [groups[0]?.path])
  })
})
