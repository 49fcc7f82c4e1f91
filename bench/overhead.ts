/** What recording costs the target and how long reports take, beside 0x and clinic doctor: `npm run bench:overhead`. */
import { writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { parseArgs } from 'node:util'
import { type Fixture, fixture, startStore } from './lib/fixture.ts'
import { type Overhead, overheadOf, type Plan } from './lib/overhead-of.ts'
import { stopTable, type StopToReports, stopToReports } from './lib/stop-to-reports.ts'
import { BARE, type Variant, VARIANTS } from './lib/variants.ts'
import { overheadTable, type Verdict, verdicts } from './lib/verdict.ts'

const { values: options } = parseArgs({
  options: {
    /** Of slices, a variant. */
    pairs: { type: 'string', default: '32' },
    /** How often both servers are started anew for them. */
    servers: { type: 'string', default: '4' },
    'slice-ms': { type: 'string', default: '800' },
    connections: { type: 'string', default: '20' },
    fixtures: { type: 'string', default: 'async,mutex-pool' },
    /** Any of holdup-no-profile, holdup, attached-no-profile, attached, 0x, clinic-doctor, stop; bare/bare is always measured. */
    only: { type: 'string' },
    /** A file for all the figures, those of each pair too. */
    json: { type: 'string' },
  },
})
const plan: Plan = {
  pairs: Number(options.pairs),
  servers: Number(options.servers),
  sliceMs: Number(options['slice-ms']),
  connections: Number(options.connections),
}
const only = options.only?.split(',')
const machine = {
  date: new Date().toISOString(),
  node: process.version,
  cores: availableParallelism(),
  kernel: release(),
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const store = await startStore()
try {
  process.exitCode = (await bench()) ? 0 : 1
} finally {
  store.stop()
}

/** Whether all verdicts hold. */
async function bench(): Promise<boolean> {
  const variants = VARIANTS.filter(isWanted).filter(isThere)
  const fixtures = options.fixtures.split(',').map((name) => fixture(name, store.port))
  console.log(`${machine.date} · Node ${machine.node} · ${machine.cores} cores · Linux ${machine.kernel}`)
  const overheads: Overhead[] = []
  const judged: Verdict[] = []
  for (const fixture of fixtures) {
    const measured = await overheadsOn(fixture, variants)
    const verdictsHere = verdicts(variants, measured)
    console.log(`\n${overheadTable(measured)}\n${verdictsHere.map(({ text }) => text).join('\n')}`)
    overheads.push(...measured)
    judged.push(...verdictsHere)
  }
  const stops = !only || only.includes('stop') ? await stopsOn(fixtures[0], variants) : []
  if (stops.length > 0) console.log(`\n${stopTable(stops)}`)
  if (options.json)
    writeFileSync(options.json, `${JSON.stringify({ machine, plan, overheads, judged, stops }, null, 2)}\n`)
  return judged.every(({ holds }) => holds)
}

async function overheadsOn(fixture: Fixture, variants: readonly Variant[]): Promise<Overhead[]> {
  const measured: Overhead[] = []
  for (const variant of variants) {
    progress(`${fixture.name} · ${variant.name}`)
    measured.push(await overheadOf(variant, fixture, plan))
  }
  return measured
}

async function stopsOn(fixture: Fixture | undefined, variants: readonly Variant[]): Promise<StopToReports[]> {
  const measured: StopToReports[] = []
  for (const variant of fixture ? variants.filter(({ reports }) => reports) : []) {
    progress(`stop to reports · ${variant.name}`)
    if (fixture) measured.push(await stopToReports(variant, fixture, plan.connections))
  }
  return measured
}

function isWanted(variant: Variant): boolean {
  return variant === BARE || !only || only.includes(variant.name)
}

function isThere(variant: Variant): boolean {
  const missing = variant.missing?.()
  if (missing) console.log(`skipped: ${variant.name}: ${missing}`)
  return !missing
}

function progress(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what} …\n`)
}
