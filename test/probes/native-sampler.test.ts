import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { estimateCreated } from '../../src/analysis/churn.ts'
import { NativeSampler } from '../../src/probes/native-sampler/probe.ts'
import type { RecordOf } from '../../src/recording/schema.ts'
import { compile, hasCxx, hasRust, type NativeProgram, startNative } from '../support/native.ts'
import { type Collected, collect } from '../support/process.ts'
import { ROOT } from '../support/cli.ts'

const CPP = join(ROOT, 'test/probes/native/programs/locks.cpp')
const RUST = join(ROOT, 'test/probes/native/programs/locks.rs')
const WINDOW_MS = 3000

interface Sampled {
  collected: Collected
  probe: NativeSampler
  truthMs: number
  created: number
}

async function sample(target: NativeProgram, windowMs = WINDOW_MS): Promise<Sampled> {
  const probe = new NativeSampler()
  const collected = collect(() => [{ pid: target.pid, ppid: 1, command: 'locks' }])
  probe.start(collected.context)
  onTestFinished(() => probe.stop())
  const before = await target.truth()
  await sleep(windowMs)
  const after = await target.truth()
  await probe.stop()
  return { collected, probe, truthMs: after.lockMs - before.lockMs, created: after.created - before.created }
}

type Blocked = RecordOf<'blocked'>

const sum = (records: readonly Blocked[], field: 'n' | 'ms' | 'queuedMs') =>
  records.reduce((total, record) => total + record[field], 0)
const contended = ({ collected }: Sampled) => collected.of('blocked').filter(({ state }) => state === 'contended')

/** Of the contended samples, how many have both functions on their stack, one calling the other. */
function named(sampled: Sampled, taker: RegExp, caller: RegExp): number {
  const records = contended(sampled)
  const hits = records.filter(({ stack }) => {
    const functions = sampled.collected.stack(stack).map((frame) => frame.split(' (')[0] ?? '')
    const at = functions.findIndex((name) => taker.test(name))
    return at > 0 && functions.slice(at + 1).some((name) => caller.test(name))
  })
  return sum(hits, 'n') / sum(records, 'n')
}

function expectBracket(sampled: Sampled): void {
  const low = sum(contended(sampled), 'ms')
  const high = low + sum(contended(sampled), 'queuedMs')
  const facts = `low ${low}, high ${high}, truth ${sampled.truthMs}`
  // A twentieth for the chance of sampling, and for the program's own clock around each lock().
  expect(low, facts).toBeLessThan(sampled.truthMs * 1.05)
  expect(high, facts).toBeGreaterThan(sampled.truthMs * 0.95)
}

describe.skipIf(!hasCxx)('native-sampler on C++ (needs g++)', () => {
  it.each([
    ['without frame pointers', ['-fomit-frame-pointer']],
    ['with frame pointers', ['-fno-omit-frame-pointer']],
    ['with lines', ['-g']],
  ])('a contended mutex, %s', async (_name, flags) => {
    const sampled = await sample(await startNative(compile(CPP, ...flags), 'contended', '16', '200'))
    expectBracket(sampled)
    expect(named(sampled, /^lockedSearch$/, /^handleRequest$/)).toBeGreaterThan(0.95)
    expect(new Set(contended(sampled).map(({ kind, lock }) => `${kind} ${lock}`)).size).toBe(1)
    const holders = sampled.collected.of('holder')
    const looks = holders.reduce((n, holder) => n + holder.n, 0)
    const known = holders.filter(({ tid }) => tid > 0).reduce((n, holder) => n + holder.n, 0)
    expect(known / looks).toBeGreaterThan(0.6)
  })

  it('a read-write lock', async () => {
    const sampled = await sample(await startNative(compile(CPP), 'rwlock', '16', '200'))
    expectBracket(sampled)
    expect(new Set(contended(sampled).map(({ kind }) => kind))).toEqual(new Set(['rwlock']))
    expect(new Set(contended(sampled).map(({ lock }) => lock)).size).toBe(1)
  })

  it('a stripped program: functions without names, but the same wait', async () => {
    const sampled = await sample(await startNative(compile(CPP, '-s'), 'contended', '16', '200'))
    expectBracket(sampled)
    expect(named(sampled, /^pthread_mutex_lock$/, /^0x[\da-f]+$/)).toBeGreaterThan(0.95)
  })

  it.skipIf(process.geteuid?.() !== 0)('says so where it is not permitted', async () => {
    const target = await startNative(compile(CPP), 'pool', '2')
    process.seteuid?.(65_534)
    onTestFinished(() => process.seteuid?.(0))
    const { collected, probe } = await sample(target, 300)
    expect(probe.note).toBe(`not permitted for pid ${target.pid}`)
    expect(collected.of('blocked')).toEqual([])
    expect(probe.cost().dropped).toBe(0)
  })

  it('a healthy pool holds nobody up', async () => {
    const sampled = await sample(await startNative(compile(CPP), 'pool', '16'))
    expect(sum(contended(sampled), 'ms')).toBeLessThan(40)
    expect(
      sum(
        sampled.collected.of('blocked').filter(({ state }) => state === 'idle'),
        'ms',
      ),
    ).toBeGreaterThan(WINDOW_MS * 12)
  })
})

describe.skipIf(!hasCxx)('threads that come and go (needs g++)', () => {
  it('are counted by what they leave behind', async () => {
    const sampled = await sample(await startNative(compile(CPP), 'churn', '1000'))
    const estimate = estimateCreated(sampled.collected.of('churn'))
    const facts = `${JSON.stringify(estimate)}, truth ${sampled.created}`
    // Others begin processes too, and the looks at the clock are not those of the truth.
    expect(estimate?.low, facts).toBeLessThan(sampled.created * 1.05)
    expect(estimate?.high, facts).toBeGreaterThan(sampled.created * 0.95)
    expect(estimate?.high, facts).toBeLessThan(sampled.created * 1.5)
  })

  it('are none in a pool', async () => {
    expect(
      estimateCreated((await sample(await startNative(compile(CPP), 'pool', '16'))).collected.of('churn')),
    ).toBeNull()
  })
})

describe.skipIf(!hasRust)('native-sampler on Rust (needs rustc)', () => {
  it('a contended mutex', async () => {
    const sampled = await sample(await startNative(compile(RUST), 'contended', '16', '200'))
    expectBracket(sampled)
    expect(named(sampled, /locked_search$/, /handle_request$/)).toBeGreaterThan(0.95)
    expect(sampled.collected.of('holder')).toEqual([])
  })

  it('an idle condition variable whose counter is 2 is no lock', async () => {
    const sampled = await sample(await startNative(compile(RUST), 'idle', '8'))
    const waits = sampled.collected.of('blocked').map(({ wait }) => sampled.collected.string(wait))
    expect(waits).toContain('futex 0x89 2')
    expect(contended(sampled)).toEqual([])
  })
})

it('says that of Node processes it sees nothing', async () => {
  const probe = new NativeSampler({ exceptNode: true })
  const { pid, ppid } = process
  const collected = collect(() => [{ pid, ppid, command: process.argv.join(' ') }])
  probe.start(collected.context)
  await sleep(1500)
  await probe.stop()
  expect(probe.note).toContain('those of native code are not seen')
})
