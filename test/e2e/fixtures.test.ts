/**
 * Every fixture under load, launched or attached to by the built CLI: what must be found is found, look-alikes come out
 * clean.
 */
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/cli.ts'
import { attachFixture, expectationOf, faultsIn, foundIn, recordFixture } from '../support/fixture.ts'

const folder = join(ROOT, 'fixtures/node')
/** Native fixtures, as `rust/tokio`, whose verdicts are known to hold: none until probes see into such targets. */
const native: string[] = []
const names = [...readdirSync(folder).filter((name) => existsSync(join(folder, name, 'expect.json'))), ...native]
/** `HOLDUP_FIXTURES=async,idle-pool HOLDUP_REPEAT=10` for a closer look; `HOLDUP_WAYS=attached` for one way alone. */
const wanted = process.env['HOLDUP_FIXTURES']?.split(',') ?? names
const repeats = Number(process.env['HOLDUP_REPEAT'] ?? 1)
/** A neighbour's burst may spoil one run of the suite; a count of runs must not be embellished. */
const retry = repeats > 1 ? 0 : 1

const ways = { launched: recordFixture, attached: attachFixture }
const wantedWays = Object.entries(ways).filter(([way]) => (process.env['HOLDUP_WAYS'] ?? way).split(',').includes(way))
const runs = wantedWays.flatMap(([way, record]) =>
  Array.from({ length: repeats }, (_, i) => ({ way, record, run: i + 1 })),
)

describe.each(wanted)('%s', (name) => {
  it.each(runs)('$way, run $run', { timeout: 90_000, retry }, async ({ record }) => {
    const { expect: expected, allow, mustNot } = expectationOf(name)
    const { report } = await record(name)
    const faults = faultsIn(report)
    expect(faults, report.summary).toEqual(expect.arrayContaining(expected))
    expect(foundIn(report).filter((id) => mustNot.includes(id))).toEqual([])
    expect(
      faults.filter((id) => !expected.includes(id) && !allow.includes(id)),
      report.summary,
    ).toEqual([])
  })
})
