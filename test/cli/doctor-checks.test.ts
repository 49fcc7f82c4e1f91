import { describe, expect, it } from 'vitest'
import type { Check } from '../../src/cli/doctor/check.ts'
import { checksOf } from '../../src/cli/doctor/checks.ts'
import { hidepidOf, type Machine } from '../../src/cli/doctor/machine.ts'
import { summarise } from '../../src/cli/doctor/summary.ts'

/** A machine that permits everything. */
const OPEN: Machine = {
  platform: 'linux',
  nodeVersion: 'v20.20.2',
  agentBuilt: true,
  nativeAgentBuilt: true,
  temporaryFolder: '/tmp',
  pipeFailure: null,
  proc: true,
  procSwitchedOff: false,
  countsRunQueue: true,
  canCountRunQueue: true,
  showsWaits: true,
  ptraceScope: null,
  hidepid: null,
  uid: 0,
  rights: { CAP_KILL: true, CAP_PERFMON: true, CAP_SYS_PTRACE: true, CAP_SYS_ADMIN: true },
  tracefsFailure: null,
  openFiles: 4096,
  inspectorPortOwner: null,
  nsenter: true,
  perf: true,
  pySpy: true,
  perfParanoid: 2,
  contained: false,
  cores: 4,
  cgroupCpuLimit: null,
  folder: '/srv/app',
  folderFailure: null,
  freeBytes: 1e10,
}
const NO_RIGHTS = { CAP_KILL: false, CAP_PERFMON: false, CAP_SYS_PTRACE: false, CAP_SYS_ADMIN: false }
const USER = { uid: 1000, rights: NO_RIGHTS, tracefsFailure: 'it needs root' }

function check(what: string, changes: Partial<Machine>): Check | undefined {
  return checksOf({ ...OPEN, ...changes }).find((each) => each.what === what)
}

it('all is well where everything is permitted', () => {
  const checks = checksOf(OPEN)
  expect(checks.map(({ state }) => state)).toEqual(checks.map(() => 'ok'))
  expect(checks.every(({ command, but }) => command === undefined && but === undefined)).toBe(true)
  expect(summarise(checks)).toBe('holdup can record everything here.')
})

const ptrace = (ptraceScope: number | null, rest: Partial<Machine> = USER) => ({ ptraceScope, ...rest })

describe('what is not permitted is said with the setting, what it must be and the command', () => {
  it.each<[string, string, Partial<Machine>, Check['state'], RegExp, RegExp | null]>([
    [
      'Node.js',
      'one that is too old',
      { nodeVersion: 'v18.20.0' },
      'degraded',
      /v18\.20\.0.*must be 20\.19/,
      /nvm install/,
    ],
    ['Node.js', 'the oldest', { nodeVersion: 'v20.19.0' }, 'ok', /v20\.19\.0/, null],
    ['py-spy', 'not installed', { pySpy: false }, 'degraded', /not installed/, /^pip install py-spy$/],
    ['py-spy', 'of root', { ptraceScope: 1 }, 'ok', /Python/, null],
    ['py-spy', 'not permitted', { ...USER, ptraceScope: 1 }, 'degraded', /is 1, must be 0/, /^sudo sysctl kernel.yama/],
    ['perf', 'not installed', { perf: false }, 'missing', /not installed/, /^sudo apt-get install linux-perf$/],
    ['perf', 'own processes', { ...USER, perfParanoid: 2 }, 'ok', /CPU stacks/, null],
    ['perf', 'of root', { perfParanoid: 4 }, 'ok', /CPU stacks/, null],
    ['perf', 'not permitted', { ...USER, perfParanoid: 3 }, 'missing', /is 3, must be 2/, /^sudo sysctl kernel/],
    ['perf', 'a kernel without', { perfParanoid: null }, 'missing', /no performance events/, /^grep PERF_EVENTS/],
    ['Node agent', 'not built', { agentBuilt: false }, 'missing', /not built/, /^npm run build$/],
    ['native agent', 'not built', { nativeAgentBuilt: false }, 'missing', /not built/, /npm run build$/],
    ['/proc', 'not mounted', { proc: false }, 'missing', /not mounted, must be/, /^sudo mount -t proc proc \/proc$/],
    ['/proc', 'another system', { proc: false, platform: 'darwin' }, 'missing', /darwin.*must be Linux/, /^docker run/],
    [
      'schedstat',
      'off',
      { countsRunQueue: false },
      'degraded',
      /task_delayacct is 0, must be 1/,
      /^sudo sysctl kernel\.task_delayacct=1$/,
    ],
    [
      'schedstat',
      'not in the kernel',
      { countsRunQueue: false, canCountRunQueue: false },
      'degraded',
      /CONFIG_SCHED_INFO/,
      /^grep/,
    ],
    ['blocked-in', 'not in the kernel', { showsWaits: false }, 'missing', /no \/proc\/PID\/syscall/, /^grep/],
    ['blocked-in', 'Yama 0', ptrace(0), 'ok', /waits for/, null],
    [
      'blocked-in',
      'Yama 1',
      ptrace(1),
      'degraded',
      /ptrace_scope is 1, must be 0/,
      /^sudo sysctl kernel\.yama\.ptrace_scope=0$/,
    ],
    [
      'blocked-in',
      'Yama 2',
      ptrace(2),
      'missing',
      /ptrace_scope is 2, must be/,
      /^sudo sysctl kernel\.yama\.ptrace_scope=0$/,
    ],
    ['blocked-in', 'Yama 2 with root', ptrace(2, {}), 'ok', /waits for/, null],
    ['blocked-in', 'Yama 3 with root', ptrace(3, {}), 'missing', /is 3.*reboot/, /^grep -rs ptrace_scope/],
    [
      'attaching',
      'port taken',
      { inspectorPortOwner: 'pid 7 (node a)' },
      'degraded',
      /^pid 7 \(node a\) listens on port 9229, which must be free/,
      /^ss /,
    ],
    ['other users', 'a user', USER, 'degraded', /uid is 1000, must be 0/, /^sudo holdup list --targets$/],
    [
      'other users',
      'hidepid',
      { ...USER, hidepid: '2' },
      'degraded',
      /hidepid=2, must be 0/,
      /^sudo mount -o remount,hidepid=0 \/proc$/,
    ],
    [
      'other users',
      'root of a container',
      { rights: { ...NO_RIGHTS, CAP_KILL: true } },
      'degraded',
      /root lacks CAP_SYS_PTRACE/,
      /^docker run --cap-add SYS_PTRACE …$/,
    ],
    ['tracefs', 'a user', USER, 'degraded', /^it needs root: /, /^sudo holdup attach /],
    [
      'tracefs',
      'not in the kernel',
      { tracefsFailure: 'this kernel has no tracefs' },
      'degraded',
      /^this kernel/,
      /^grep/,
    ],
    ['open files', 'just enough', { openFiles: 4096 }, 'ok', /enough/, null],
    ['open files', 'one less', { openFiles: 4095 }, 'degraded', /is 4,095, must be 4,096/, /^ulimit -n 4096$/],
    ['open files', 'no limit', { openFiles: null }, 'ok', /no limit/, null],
    ['containers', 'a user', USER, 'degraded', /CAP_SYS_ADMIN is missing/, /^sudo holdup/],
    ['containers', 'no nsenter', { nsenter: false }, 'degraded', /nsenter is not on the PATH/, /util-linux/],
    ['containers', 'inside one', { contained: true }, 'ok', /processes outside are not seen/, null],
    ['cores', 'one', { cores: 1 }, 'degraded', /^1, no CPU limit, must be 2/, /^nproc$/],
    ['cores', 'a limit', { cgroupCpuLimit: 0.5 }, 'degraded', /limited to 0\.5 CPUs/, /cgroup/],
    ['reports', 'a closed folder', { folderFailure: 'EACCES' }, 'missing', /\/srv\/app cannot be written/, /--output/],
    [
      'disk',
      'nearly full',
      { freeBytes: 1e8 },
      'degraded',
      /100 MB free, must be 256 MB/,
      /^holdup run --max-size 50MB /,
    ],
    ['disk', 'just enough', { freeBytes: 256e6 }, 'ok', /256 MB free/, null],
    ['disk', 'a file system that does not tell', { freeBytes: null }, 'ok', /does not tell/, null],
  ])('%s: %s', (what, _case, changes, state, means, command) => {
    const found = check(what, changes)
    expect(found?.state).toBe(state)
    expect(found?.means).toMatch(means)
    if (command === null) expect(found).not.toHaveProperty('command')
    else expect(found?.command).toMatch(command)
    expect(found && 'but' in found).toBe(state !== 'ok')
  })
})

describe('the first sentence', () => {
  it('says what is lost', () => {
    expect(summarise(checksOf({ ...OPEN, ptraceScope: 1, ...USER }))).toBe(
      'holdup can record here, but of targets that it attaches to it sees not what threads wait for; ' +
        'it attaches only to processes of uid 1000; it enters no containers; 2 more below.',
    )
  })

  it('names three losses at most, and none twice', () => {
    const summary = summarise(
      checksOf({ ...OPEN, ...USER, agentBuilt: false, pipeFailure: 'x', ptraceScope: 1, cores: 1, freeBytes: 1e6 }),
    )
    expect(summary.split(';')).toHaveLength(4)
    expect(summary).toMatch(/; 5 more below\.$/)
    expect(summary.match(/from inside Node targets/g)).toHaveLength(1)
  })
})

it.each([
  ['proc /proc proc rw,relatime 0 0\n', null],
  ['proc /proc proc rw,relatime,hidepid=2,gid=4 0 0\n', '2'],
  ['proc /proc proc rw,hidepid=invisible 0 0\n', 'invisible'],
  ['proc /proc proc rw,hidepid=off 0 0\n', null],
  ['proc /proc proc rw,hidepid=2 0 0\nproc /proc proc rw 0 0\n', null],
  ['proc /srv/proc proc rw,hidepid=2 0 0\n', null],
  ['', null],
])('hidepid in %j', (mounts, expected) => {
  expect(hidepidOf(mounts)).toBe(expected)
})
