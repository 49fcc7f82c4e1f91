import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { LOOPS } from '../../src/probes/native/layout.ts'
import { compile, compileRust, lockWaitMs, runUnderAgent } from '../support/native-agent.ts'

const COMPILERS = ['cc', 'musl-gcc'].filter((name) => spawnSync(name, ['--version']).status === 0)

test.each(COMPILERS)('%s: contended waits as the program measured them, within 0.5 %', async (compiler) => {
  const run = await runUnderAgent([compile('mutex', compiler), '16', '1500', '200000'])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(truth).toBeGreaterThan(1000)
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.005)
})

const hasRust = spawnSync('rustc', ['--version']).status === 0
test.skipIf(!hasRust)("Rust's std Mutex, within 0.5 %, and no idle wait taken for a lock", async () => {
  const run = await runUnderAgent([compileRust('std-mutex'), '1500'])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(truth).toBeGreaterThan(1000)
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.005)
  const idle = run.of('native-wait').filter(({ kind }) => kind === 'futex-idle')
  expect(idle.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(1000)
})

// What entering and leaving a wait takes is a few percent of one so short, by the machine: `npm run bench:truth` has the figures.
test('a storm of waits for a lock that is held 1 µs, within 5 %', async () => {
  const run = await runUnderAgent([compile('mutex'), '16', '1500', '1000'])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.05)
})

test.each(['-fomit-frame-pointer', '-fno-omit-frame-pointer'])(
  '%s: the waiter, its caller, the holder',
  async (flag) => {
    const program = compile('mutex', 'cc', ['-O2', '-no-pie', flag])
    // Longer than the second between two sweeps: names are read while the process is there.
    const run = await runUnderAgent([program, '8', '1500', '200000'])
    const isIn = (name: string, stack: readonly string[], frame: number) => stack[frame]?.startsWith(`${name} (`)
    const waits = run.of('native-wait').filter(({ kind }) => kind === 'mutex')
    const named = waits.filter(({ stack }) => isIn('search', run.stack(stack), 0) && isIn('run', run.stack(stack), 1))
    const n = (list: typeof waits) => list.reduce((sum, wait) => sum + wait.n, 0)
    expect(n(named)).toBe(n(waits))
    const unlocks = run.of('native-unlock')
    expect(unlocks.length).toBeGreaterThan(0)
    expect(unlocks.every(({ stack, lock }) => isIn('search', run.stack(stack), 0) && lock === waits[0]?.lock)).toBe(
      true,
    )
  },
)

test('the callers of code that was loaded just before a wait, in later waits', async () => {
  const libraries = [1, 2].map(() => compile('late-code', 'cc', ['-O2', '-shared', '-fPIC']))
  const run = await runUnderAgent([compile('late-code'), ...libraries])
  const waits = run.of('native-wait').filter(({ kind, stack }) => kind === 'mutex' && run.stack(stack).length > 2)
  expect(waits.reduce((sum, { n }) => sum + n, 0)).toBeGreaterThanOrEqual(run.truth['later'] ?? Infinity)
})

test('threads created and exited, 2,000 a second, to the last one', async () => {
  const run = await runUnderAgent([compile('churn'), '2000', '2000'])
  const sum = (field: 'created' | 'exited') =>
    run.of('native-spawn').reduce((total, record) => total + record[field], 0)
  expect(sum('created')).toBe(run.truth['created'])
  expect(sum('exited')).toBe(run.truth['created'])
})

test('turns of a loop: the longest within 1 ms, those over 10 ms to the last one', async () => {
  const run = await runUnderAgent([compile('loop')])
  const loops = run.of('native-loop')
  expect(loops.reduce((sum, { over10Ms }) => sum + over10Ms, 0)).toBe(run.truth['over_10ms'])
  expect(run.of('native-turn')).toHaveLength(run.truth['over_10ms'] ?? -1)
  const longest = Math.max(...loops.map(({ max }) => max))
  expect(Math.abs(longest - (run.truth['longest_ns'] ?? 0) / 1e6)).toBeLessThan(1)
})

test('loops that there is no room for are counted once each', async () => {
  const run = await runUnderAgent([compile('pollers')])
  const dropped = run.of('dropped').reduce((sum, { n }) => sum + n, 0)
  expect(dropped).toBe((run.truth['threads'] ?? 0) - LOOPS.most)
})

test.each(COMPILERS)('%s: a semaphore is a lock where the thread that got it gives it back', async (compiler) => {
  const run = await runUnderAgent([compile('semaphores', compiler)])
  const uses = (name: string) => {
    const lock = `0x${(run.truth[name] ?? 0).toString(16)}`
    const sum = (records: readonly { lock?: string | undefined; n: number }[]) =>
      records.reduce((total, record) => total + (record.lock === lock ? record.n : 0), 0)
    const given = sum(run.of('native-unlock'))
    return { given, asLock: given / (given + sum(run.of('native-post'))) }
  }
  expect(uses('guard').given).toBeGreaterThan(150)
  expect(uses('guard').asLock).toBe(1)
  expect(uses('permits').asLock).toBe(1)
  expect(uses('jobs').asLock).toBe(0)
  expect(uses('turn').asLock).toBeLessThan(0.5)
  const guard = run.of('native-wait').filter(({ lock }) => lock === `0x${(run.truth['guard'] ?? 0).toString(16)}`)
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(guard.reduce((sum, { ms }) => sum + ms, 0) / truth).toBeCloseTo(1, 2)
})

test.each(COMPILERS)(
  '%s: a semaphore that another process posts announces nothing that we know of',
  async (compiler) => {
    const run = await runUnderAgent([compile('shared-semaphore', compiler)])
    const waits = run.of('native-wait').filter(({ kind }) => kind === 'semaphore')
    expect(waits.reduce((sum, { n }) => sum + n, 0)).toBe(run.truth['waits'])
    expect(run.of('native-post')).toEqual([])
  },
)

test('a healthy pool waits for work, not for locks', async () => {
  const run = await runUnderAgent([compile('idle-pool')])
  expect(lockWaitMs(run)).toBeLessThan(10)
  const idle = run.of('native-wait').filter(({ kind }) => kind === 'condition')
  expect(idle.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(10_000)
})

test.each(COMPILERS)('%s: locks, processes and signals behave as without it', async (compiler) => {
  const program = compile('behaviour', compiler)
  const bare = execFileSync(program, { encoding: 'utf8' })
  const run = await runUnderAgent([program])
  expect({ stdout: run.stdout, stderr: run.stderr, code: run.code }).toEqual({ stdout: bare, stderr: '', code: 0 })
})

test.each(COMPILERS)('%s: a malloc that locks, reads and writes', async (compiler) => {
  const run = await runUnderAgent([compile('own-malloc', compiler)])
  expect({ stdout: run.stdout, stderr: run.stderr, code: run.code }).toEqual({
    stdout: 'failed: 0\n',
    stderr: '',
    code: 0,
  })
  expect(run.of('native')).toHaveLength(1)
})

test('a process that may not write files as large as a table runs without one', async () => {
  const run = await runUnderAgent(['sh', '-c', 'ulimit -f 1000; exec "$0" 2 200 200000', compile('mutex')])
  expect({ stderr: run.stderr, code: run.code }).toEqual({ stderr: '', code: 0 })
  expect(run.truth['wait_ns']).toBeGreaterThan(0)
})

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0
/** A program by itself, or as on a kernel that cannot give a table its memory before it is written to. */
const KERNELS: [string, () => string[]][] = [
  ['a kernel of today', () => []],
  ['one before 5.14', () => [compile('old-kernel', 'cc', ['-static'])]],
]
test.skipIf(!canMount).each(KERNELS)('%s: a file system that gets full does not kill', async (_, launcher) => {
  const fill = `for kib in 8 20 28 32 48 64 100; do
    mount -t tmpfs -o size="$kib"k none "$HOLDUP_NATIVE" && "$@" 8 100 200000 || exit
    umount -l "$HOLDUP_NATIVE"
  done`
  const run = await runUnderAgent(['unshare', '-rm', 'sh', '-c', fill, 'sh', ...launcher(), compile('mutex')])
  expect({ stderr: run.stderr, code: run.code }).toEqual({ stderr: '', code: 0 })
  expect(run.stdout.match(/TRUTH/g)).toHaveLength(7)
})

test.each(KERNELS)('%s: a table takes the memory that it needs', async (_, launcher) => {
  const run = await runUnderAgent([...launcher(), 'sh', '-c', 'du -sk "$HOLDUP_NATIVE"'])
  // Of two processes.
  expect(Number.parseInt(run.stdout, 10)).toBeGreaterThan(0)
  expect(Number.parseInt(run.stdout, 10)).toBeLessThan(600)
})

test.skipIf(!canMount)('a process of another pid namespace is known by the ids that we see', async () => {
  const run = await runUnderAgent(['unshare', '-rpf', 'sh', '-c', '"$0" 4 2500 200000; exit $?', compile('mutex')])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.005)
  const pids = new Set(run.of('native-wait').flatMap(({ kind, pid }) => (kind === 'mutex' ? [pid] : [])))
  // In there ids begin at 1.
  expect(Math.min(...pids)).toBeGreaterThan(12)
  const rows = run.of('native-threads').filter(({ pid, rows: { length } }) => pids.has(pid) && length > 1)
  expect(Math.min(...rows.flatMap((record) => record.rows.map(([tid]) => tid)))).toBeGreaterThan(12)
})

test('tables that may take no more memory: processes that begin have none', async () => {
  // A folder, which holdup, for whom there is room, does not take away.
  const commands = 'mkdir "$HOLDUP_NATIVE/full"; "$0" 2 100 200000; ls "$HOLDUP_NATIVE"'
  const run = await runUnderAgent(['sh', '-c', commands, compile('mutex')])
  // Of the shell and of mkdir.
  expect(run.stdout.match(/^\d+-/gm)).toHaveLength(2)
  expect(run.code).toBe(0)
})

test('a lock given back, be it by waiting for a condition, is held no more', async () => {
  const run = await runUnderAgent([compile('held')])
  const unlocks = run.of('native-unlock')
  expect(unlocks.length).toBeGreaterThan(0)
  expect(unlocks.reduce((sum, { holdMs }) => sum + holdMs, 0)).toBeLessThan(100)
})

test('the child of a fork has a table of its own', async () => {
  const run = await runUnderAgent([compile('behaviour')])
  const [first, ...others] = new Set(run.of('native').map(({ pid }) => pid))
  const contended = run.of('native-wait').filter(({ pid, kind }) => kind === 'mutex' && pid !== first)
  expect(others.length).toBeGreaterThan(0)
  expect(contended.reduce((sum, { n }) => sum + n, 0)).toBe(1)
})

test('a target that is killed leaves what it had counted, and waits in flight are seen before', async () => {
  const run = await runUnderAgent([compile('mutex'), '16', '60000', '200000'], { killAfterMs: 1500 })
  expect(lockWaitMs(run)).toBeGreaterThan(0.9 * 15 * 1400)
  expect(run.of('native-wait').some(({ waiting }) => waiting > 10)).toBe(true)
})

test.each(['address', 'thread', 'undefined'])(
  'a program built with the %s sanitizer stays silent',
  async (sanitizer) => {
    const program = compile('mutex', 'cc', ['-O1', '-g', `-fsanitize=${sanitizer}`])
    const bare = spawnSync(program, ['4', '200', '200000'], { encoding: 'utf8' })
    const run = await runUnderAgent([program, '4', '200', '200000'])
    expect({ stderr: run.stderr, code: run.code }).toEqual({ stderr: bare.stderr, code: bare.status })
  },
)

test('a table that is gone does not keep the others from being read', async () => {
  const commands = '"$0" 8 1500 200000; rm "$HOLDUP_NATIVE"/*'
  const run = await runUnderAgent(['sh', '-c', commands, compile('mutex')])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.005)
})

test('a program that is linked statically is named', async () => {
  const run = await runUnderAgent([compile('mutex', 'cc', ['-O2', '-static']), '2', '2500', '200000'])
  expect(run.note).toContain('it is linked statically')
})
