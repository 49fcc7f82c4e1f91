/**
 * Every fixture under load, launched or attached to by the built CLI: what must be found is found, look-alikes come out
 * clean.
 */
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it as base } from 'vitest'
import { ROOT } from '../support/cli.ts'
import { buildNative, hasCommand, nativeServices } from '../support/native-fixture.ts'
import { attachFixture, expectationOf, faultsIn, foundIn, recordFixture } from '../support/fixture.ts'
import { CHROMIUM } from '../report/chromium.ts'
import { pageFaults } from '../report/page-faults.ts'
import { useBrowser } from '../report/use-browser.ts'
import { breakdownOf } from '../support/breakdown.ts'

const folder = join(ROOT, 'fixtures/node')
/** Others, as `rust/tokio`: what Node runs holdup's JavaScript targets makes no difference to them. */
const native = process.env['HOLDUP_TEST_NODE']
  ? []
  : (['rust', 'cpp', 'python', 'java', 'go'] as const).flatMap(nativeServices)
const names = [...readdirSync(folder).filter((name) => existsSync(join(folder, name, 'expect.json'))), ...native]
/** `HOLDUP_FIXTURES=async,idle-pool HOLDUP_REPEAT=10` for a closer look; `HOLDUP_WAYS=attached` for one way alone. */
const wanted = process.env['HOLDUP_FIXTURES']?.split(',') ?? names
const repeats = Number(process.env['HOLDUP_REPEAT'] ?? 1)
/** A neighbour's burst may spoil one run of the suite; a count of runs must not be embellished. */
const retry = repeats > 1 ? 0 : 1

/** Share of thread time of which nobody says what it was, at the most. */
const unknownAtMost = (way: string) => (way === 'launched' ? 0.1 : 0.25)

/** As root an attach has the kernel's own record of native programs; without it samples. To Node targets it is the same. */
const sampled = (name: string) => attachFixture(name, { probes: 'proc,pidusage,node,native-sampler' })
const ways = { launched: recordFixture, attached: attachFixture, 'attached without root': sampled }
const wantedWays = Object.entries(ways).filter(([way]) => (process.env['HOLDUP_WAYS'] ?? way).split(',').includes(way))
const runs = wantedWays.flatMap(([way, record]) =>
  Array.from({ length: repeats }, (_, i) => ({ way, record, run: i + 1 })),
)

/** holdup's sweeps came late: no verdict on the target, and on two cores that a fixture keeps busy it may be so. */
const OF_THE_MACHINE = 'profiler-starved'

/** The ways that are tried unless HOLDUP_WAYS asks for all: each fixture is launched, and these are attached to as well. */
const ATTACHED_TO = new Map([
  [
    'attached',
    /^(async|idle-pool|mutex-pool|rare-stall|thread-per-query|cpp\/(mutex-pool|process-per-query|thread-per-query)|rust\/tokio|java\/(idle-pool|mutex-pool|thread-per-query)|go\/mutex-pool)$/,
  ],
  [
    'attached without root',
    /^(cpp\/(async-logger|idle-pool|mutex-pool|shared-counters|thread-per-query|write-locked-index)|rust\/(mutex-pool|thread-per-query|tokio)|python\/.*)$/,
  ],
])

/** To Node targets root makes no difference. */
function isWorthIt(name: string, way: string): boolean {
  if (way === 'attached without root' && !name.includes('/')) return false
  return process.env['HOLDUP_WAYS'] !== undefined || (ATTACHED_TO.get(way)?.test(name) ?? true)
}

/** What builds or runs it is not on every machine. */
function commandOf(name: string): string | null {
  return { rust: 'cargo', cpp: 'g++', python: 'python3', java: 'javac', go: 'go' }[name.split('/')[0] ?? ''] ?? null
}

/** Not in the time of a recording. */
function build(name: string): void {
  const [language, program = ''] = name.split('/')
  if (language === 'rust' || language === 'cpp' || language === 'java' || language === 'go')
    buildNative(language, program)
}

/** Of each fixture's report the page, too, where there is a browser; that of one in each language by axe. */
const BY_AXE = /^((cpp|java|go|python)\/)?(mutex-pool|lock-pool)$|^rust\/tokio$/
const chromium = CHROMIUM === null ? null : useBrowser()

describe.each(wanted.map((name) => ({ name, command: commandOf(name) })))('$name', ({ name, command }) => {
  const missing = command !== null && !hasCommand(command)
  const it = base.skipIf(missing)
  beforeAll(() => (missing ? undefined : build(name)), 120_000)
  const own = runs.filter(({ way }) => isWorthIt(name, way))
  it.each(own)('$way, run $run', { timeout: 90_000, retry }, async ({ way, record }) => {
    const { attached, traced, ...launched } = expectationOf(name)
    const {
      expect: expected,
      allow,
      mustNot,
      informs = [],
      anyOf = [],
    } = {
      ...launched,
      ...(way !== 'launched' && attached),
      ...(way === 'attached' && traced),
    }
    const run = await record(name)
    const { report } = run
    const { rows, lifetime, unknown } = breakdownOf(run)
    expect(Math.abs(rows / lifetime - 1), `thread time ${rows} s of ${lifetime} s`).toBeLessThan(0.02)
    expect(unknown / rows, 'unknown thread time').toBeLessThanOrEqual(unknownAtMost(way))
    const faults = faultsIn(report)
    expect(faults, report.summary).toEqual(expect.arrayContaining(expected))
    expect(foundIn(report), report.summary).toEqual(expect.arrayContaining(informs))
    if (anyOf.length > 0) expect(anyOf, report.summary).toContain(faults.find((id) => anyOf.includes(id)))
    expect(foundIn(report).filter((id) => mustNot.includes(id))).toEqual([])
    expect(
      faults.filter((id) => ![...expected, ...allow, ...anyOf, OF_THE_MACHINE].includes(id)),
      report.summary,
    ).toEqual([])
    if (!chromium) return
    const page = join(run.folder, 'report.html')
    expect(await pageFaults(chromium.browser, page, { withAxe: BY_AXE.test(name) })).toEqual([])
  })
})
