/** The native agent where programs do what few do: what it counts, and that they run as without it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { compile, compileRust, lockWaitMs, type NativeRun, runUnderAgent } from '../support/native-agent.ts'

const waitsOf = (run: NativeRun, ...kinds: string[]) => run.of('native-wait').filter(({ kind }) => kinds.includes(kind))
const sum = <K extends string>(records: readonly Record<K, number>[], field: K) =>
  records.reduce((total, record) => total + record[field], 0)

const hasRust = spawnSync('rustc', ['--version']).status === 0
test.skipIf(!hasRust)("Rust's std RwLock: readers and writers, and no idle wait taken for one", async () => {
  const run = await runUnderAgent([compileRust('std-rwlock'), '2000'])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(truth).toBeGreaterThan(1000)
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.02)
  expect(sum(waitsOf(run, 'rwlock-read'), 'n')).toBeGreaterThan(100)
  expect(sum(waitsOf(run, 'rwlock-write'), 'n')).toBeGreaterThan(100)
  // The first reader that waits behind a writer is known by its stack alone, so without the lock.
  const locks = new Set(waitsOf(run, 'rwlock-read', 'rwlock-write').flatMap(({ lock }) => lock ?? []))
  expect(locks.size).toBe(1)
  const unlocks = run.of('native-unlock')
  const known = unlocks.filter(({ lock }) => locks.has(lock))
  // The others woke the two that were idle.
  expect(sum(known, 'n')).toBeGreaterThanOrEqual(sum(unlocks, 'n') - 2)
  expect(sum(waitsOf(run, 'futex-idle'), 'ms')).toBeGreaterThan(3500)
})

test('code that was unloaded, and other code in its place', async () => {
  const library = compile('unloaded', 'cc', ['-O2', '-shared', '-fPIC', '-DLIBRARY'])
  const run = await runUnderAgent([compile('unloaded'), library])
  expect({ stderr: run.stderr, code: run.code }).toEqual({ stderr: '', code: 0 })
  expect(sum(waitsOf(run, 'mutex'), 'n')).toBe(run.truth['waits'])
})

test.each(['prctl', 'syscall'])('a target that forbids itself system calls, by %s', async (way) => {
  const program = [compile('seccomp'), ...(way === 'syscall' ? [way] : [])] as const
  const bare = execFileSync(program[0], program.slice(1), { encoding: 'utf8' })
  const run = await runUnderAgent(program)
  expect({ stdout: run.stdout, stderr: run.stderr, code: run.code }).toEqual({ stdout: bare, stderr: '', code: 0 })
  expect(run.truth).toMatchObject({ failed: 0, child: 7 })
  expect(sum(waitsOf(run, 'mutex'), 'n')).toBe(run.truth['waits'])
  expect(run.of('native-threads').flatMap(({ rows }) => rows.map(([tid]) => tid))).not.toContain(0)
})

const isRoot = process.getuid?.() === 0
test.skipIf(!isRoot)('processes that are root no more, as root: a table of their own', async () => {
  const program = compile('no-root')
  chmodSync(dirname(program), 0o755)
  const run = await runUnderAgent([program])
  const pids = waitsOf(run, 'mutex').map(({ pid }) => pid)
  expect(pids).toContain(run.truth['forked'])
  expect(pids).toContain(run.truth['became'])
})

test('a wait that a signal handler jumps out of is over', async () => {
  const run = await runUnderAgent([compile('jump')])
  expect(lockWaitMs(run)).toBeLessThan(1500)
})

test('functions that few programs use', async () => {
  const program = compile('rarely-used', 'cc', ['-O2', '-D_FORTIFY_SOURCE=2'])
  const bare = execFileSync(program, { encoding: 'utf8' })
  const run = await runUnderAgent([program])
  expect({ stdout: run.stdout, stderr: run.stderr, code: run.code }).toEqual({ stdout: bare, stderr: '', code: 0 })
  for (const kind of ['mutex', 'rwlock-read', 'rwlock-write', 'semaphore', 'condition'])
    expect(sum(waitsOf(run, kind), 'n'), kind).toBe(1)
  expect(sum(waitsOf(run, 'join'), 'n')).toBe(3)
  expect(sum(run.of('native-spawn'), 'created')).toBe(run.truth['created'])
  expect(sum(run.of('native-loop'), 'turns')).toBeGreaterThanOrEqual(4)
  expect(sum(run.of('native-requests'), 'requests')).toBe(run.truth['requests'])
})

test('a loop that is blocked right now', async () => {
  const run = await runUnderAgent([compile('blocked-loop')])
  const lasting = run.of('native-loop').flatMap(({ inTurnMs }) => inTurnMs ?? [])
  expect(Math.max(...lasting)).toBeGreaterThan(900)
  expect(Math.max(...run.of('native-loop').map(({ max }) => max))).toBeGreaterThan(2400)
})

test('a process that has ended and that nobody collects is no more read', async () => {
  const run = await runUnderAgent(['sh', '-c', '"$0" 2 300 200000 & exec sleep 4', compile('mutex')])
  const pid = waitsOf(run, 'mutex')[0]?.pid ?? 0
  expect(pid).toBeGreaterThan(0)
  expect(run.of('native-threads').filter((record) => record.pid === pid).length).toBeLessThanOrEqual(2)
})

test('locks that there is no room for are of no lock, and said to be missing', async () => {
  const run = await runUnderAgent([compile('many-locks')])
  const waits = waitsOf(run, 'mutex')
  expect(sum(waits, 'n')).toBe(run.truth['waits'])
  const together = waits.filter(({ lock, stack }) => lock === undefined && stack === undefined)
  expect(sum(together, 'n')).toBeGreaterThan(900)
  expect(run.note).toContain("the agent's table of pid")
})

test('stacks cost the same after libraries were unloaded', async () => {
  const library = compile('unloaded', 'cc', ['-O2', '-shared', '-fPIC', '-DLIBRARY'])
  const run = await runUnderAgent([compile('unloading', 'cc', ['-O1', '-fno-optimize-sibling-calls']), library])
  expect(run.truth['after_ns'] ?? Infinity).toBeLessThan(3 * (run.truth['before_ns'] ?? 0))
})

test('data where a frame pointer is expected makes no places of its own', async () => {
  const run = await runUnderAgent([compile('no-tables')])
  const waits = waitsOf(run, 'mutex')
  expect(sum(waits, 'n')).toBe(run.truth['waits'])
  expect(new Set(waits.map(({ stack }) => stack)).size).toBe(1)
})

test.each([
  ['a mutex that processes share', []],
  ["a timer's callback", ['timer']],
])('%s is waited for where nobody made a thread', async (_, options) => {
  const run = await runUnderAgent([compile('unseen-threads'), ...options])
  expect(run.code).toBe(0)
  expect(sum(waitsOf(run, 'mutex'), 'n')).toBe(1)
})

test('what a child of vfork closes its parent still has', async () => {
  const run = await runUnderAgent([compile('vfork')])
  expect(sum(run.of('native-requests'), 'requests')).toBe(run.truth['requests'])
})
