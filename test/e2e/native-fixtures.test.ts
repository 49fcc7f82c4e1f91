/** The native fixtures do what they say: the answers of the Node ones, and the fault that each is there for, by its truth. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../src/cli/free-port.ts'
import { LoadDriver } from '../../src/load/load-driver.ts'
import { readRequestsFile } from '../../src/load/requests-file.ts'
import { expectationOf, QUERIES } from '../support/fixture.ts'
import {
  buildNative,
  hasCommand,
  type NativeTruth,
  nativeServices,
  type RunningNative,
  startNative,
} from '../support/native-fixture.ts'

const LOAD_MS = 2000
const BUILD_MS = 180_000
const compilers = { rust: 'cargo', cpp: 'g++' } as const

/** What the truth of each says under load, beyond answers and whole lines. */
const faults: Record<string, (truth: NativeTruth, seconds: number) => void> = {
  'mutex-pool': ({ lock_wait_ns_total: wait = 0, lock_hold_ns_total: hold = 0 }, seconds) => {
    expect(wait / 1e9 / seconds, 'threads held up').toBeGreaterThan(10)
    expect(hold / 1e9 / seconds, 'held').toBeGreaterThan(0.7)
  },
  'thread-per-query': ({ threads_created: created = 0, threads_exited: exited = 0, served = 0, errors = 0 }) => {
    // Besides the thread that tells the truth; a client that left cannot be served.
    expect(created - 1).toBe(served + errors)
    expect(exited).toBeGreaterThanOrEqual(served)
  },
  'thread-per-connection': ({ threads_created: created = 0, served = 0 }) => expect(created).toBeLessThan(served / 10),
  'idle-pool': ({ lock_wait_ns_total: wait = 0 }) => expect(wait / 1e6, 'ms').toBeLessThan(100),
  'async-logger': ({ log_write_ns_total: write = 0, log_lines: lines = 0, served = 0 }) => {
    expect(write).toBeGreaterThan(0)
    expect(lines).toBeGreaterThan(served / 2)
  },
}

async function startOnPort(name: string, env: NodeJS.ProcessEnv = {}): Promise<RunningNative & { port: number }> {
  const port = await freePort()
  return { ...(await startNative(name, { PORT: String(port), ...env })), port }
}

async function load(port: number, connections: number): Promise<void> {
  const driver = new LoadDriver()
  const paths = await readRequestsFile(QUERIES)
  await driver.drive({ url: `http://127.0.0.1:${port}/search?q=tree`, connections, paths })
  await sleep(LOAD_MS)
  await driver.stop()
}

function expectGrowing(lines: NativeTruth[]): void {
  expect(lines.length).toBeGreaterThan(5)
  for (const field of ['t_ns', 'served', 'operations', 'threads_created', 'lock_wait_ns_total']) {
    const values = lines.flatMap((line) => line[field] ?? [])
    expect(values, field).toEqual(values.toSorted((a, b) => a - b))
  }
}

describe.each(Object.entries(compilers).map(([language, compiler]) => ({ language, compiler })))(
  'services of fixtures/$language, with $compiler',
  ({ language, compiler }) => {
    it.skipIf(!hasCommand(compiler)).each(nativeServices(language as keyof typeof compilers))(
      '%s',
      { timeout: BUILD_MS, retry: 1 },
      async (name) => {
        const [, folder = ''] = name.split('/')
        buildNative(language as keyof typeof compilers, folder)
        const service = await startOnPort(name)
        const node = await startOnPort('node/async')
        const paths = readFileSync(QUERIES, 'utf8').trim().split('\n')
        const asked = ['/search?q=caf%C3%A9+"x"', '/other', ...paths.filter((_, place) => place % 20 === 0)]
        for (const path of asked) {
          const [ours, its] = await Promise.all(
            [service, node].map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()),
          )
          expect(ours, path).toBe(its)
        }
        await node.finish()
        const before = performance.now()
        await load(service.port, expectationOf(name).load.connections)
        const seconds = (performance.now() - before) / 1000
        const { truth, lines } = await service.finish()
        // '/other' is not counted; what gets stuck may do so before it has answered anything of the load.
        const answered = asked.length - 1
        const getsStuck = expectationOf(name).expect.includes('deadlock-or-stuck')
        expect(truth['served']).toBeGreaterThanOrEqual(getsStuck ? answered : answered + 1)
        expectGrowing(lines)
        faults[folder]?.(truth, seconds)
      },
    )
  },
)

it.skipIf(!hasCommand('cargo'))(
  'rust/tokio, with cargo: stalls where it is told to',
  { timeout: BUILD_MS },
  async () => {
    const service = await startOnPort('rust/tokio', { WORKERS: '1', STALL_MS: '5,20,80', STALL_EVERY: '10' })
    for (let query = 0; query < 60; query++)
      await (await fetch(`http://127.0.0.1:${service.port}/search?q=tree`)).text()
    const { truth } = await service.finish()
    expect(truth['stalls_over_10_ms']).toBe(4)
    expect(truth['loop_stall_max_ms']).toBeGreaterThanOrEqual(80)
    expect(truth['loop_turn_max_ms']).toBeGreaterThanOrEqual(truth['loop_stall_max_ms'] ?? 0)
  },
)

const programs = [
  ['rust', 'hold-mutex', 'plain', 'cargo'],
  ['rust', 'hold-parking-lot', 'plain', 'cargo'],
  ['rust', 'condvar-pool', 'plain', 'cargo'],
  ['rust', 'churn', 'plain', 'cargo'],
  ['cpp', 'hold-mutex', 'plain', 'g++'],
  ['cpp', 'hold-mutex', 'frame-pointers', 'g++'],
  ...['hold-mutex-c', 'condvar-pool', 'churn'].flatMap((name) => [
    ['cpp', name, 'glibc', 'gcc'] as const,
    ['cpp', name, 'musl', 'musl-gcc'] as const,
  ]),
] as const

describe.each(programs)('%s/micro/%s, %s', (language, name, variant, compiler) => {
  it.skipIf(!hasCommand(compiler))(`with ${compiler}`, { timeout: BUILD_MS, retry: 1 }, async () => {
    const program = await startNative(buildNative(language, name, variant))
    await sleep(1500)
    const { truth, lines } = await program.finish()
    expectGrowing(lines)
    const [first, last] = [lines[2], lines.at(-1)]
    const grown = (field: string) => (last?.[field] ?? 0) - (first?.[field] ?? 0)
    const seconds = grown('t_ns') / 1e9
    if (name.startsWith('hold')) {
      // Of 16 threads one holds the mutex, and some are about to take it.
      expect(grown('lock_wait_ns_total') / 1e9 / seconds).toBeGreaterThan(12)
      expect(grown('lock_wait_ns_total') / 1e9 / seconds).toBeLessThan(15.5)
    } else if (name === 'churn') {
      expect(grown('threads_created') / seconds).toBeGreaterThan(1000)
      expect((truth['threads_created'] ?? 0) - (truth['threads_exited'] ?? 0)).toBeLessThanOrEqual(12)
    } else {
      expect((truth['lock_wait_ns_total'] ?? 0) / 1e6).toBeLessThan(10)
    }
  })
})
