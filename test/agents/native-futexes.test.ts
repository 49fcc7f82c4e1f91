/** The native agent in programs whose libraries wait in futexes of their own: by their functions alone a lock and an idle wait differ. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compile, lockWaitMs, type NativeRun, runUnderAgent } from '../support/native-agent.ts'

const LIBRARIES = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
const GLIB = `${LIBRARIES}/libglib-2.0.so.0`
const ABSEIL = `${LIBRARIES}/libabsl_synchronization.so.20220623`

const linked = (library: string) => ['-O2', '-Wl,--no-as-needed', library, '-Wl,--allow-shlib-undefined']
const msOf = (run: NativeRun, kind: string, name: string) =>
  run
    .of('native-wait')
    .filter((wait) => wait.kind === kind && run.stack(wait.stack).some((frame) => frame.includes(name)))
    .reduce((sum, { ms }) => sum + ms, 0)

test.skipIf(!existsSync(GLIB))("GLib's mutex and its condition variable, and a word of folly's kind", async () => {
  const run = await runUnderAgent([compile('own-futexes', 'cc', linked(GLIB))])
  const truth = (run.truth['wait_ns'] ?? 0) / 1e6
  expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.02)
  expect(msOf(run, 'futex-idle', 'g_cond_wait')).toBeGreaterThan(4000)
  expect(msOf(run, 'park', 'baton_wait')).toBeGreaterThan(4000)
  const mutex = `0x${run.truth['mutex']?.toString(16)}`
  expect(run.of('native-wait').some(({ kind, lock }) => kind === 'futex-lock' && lock === mutex)).toBe(true)
})

test.skipIf(!existsSync(ABSEIL))(
  "abseil's Mutex, whose waiters each have a word of their own, and no idle wait taken for it",
  async () => {
    const run = await runUnderAgent([compile('abseil', 'cc', linked(ABSEIL))])
    const truth = (run.truth['wait_ns'] ?? 0) / 1e6
    expect(Math.abs(lockWaitMs(run) - truth) / truth).toBeLessThan(0.02)
    // Its own spin locks, taken for some microseconds as threads begin, are words that waiters do share.
    const blocked = run
      .of('native-wait')
      .filter(({ stack }) => run.stack(stack).some((frame) => frame.includes('Mutex::Block')))
    expect(blocked).not.toHaveLength(0)
    expect(blocked.every(({ kind, lock }) => kind === 'futex-lock' && lock === undefined)).toBe(true)
  },
)
