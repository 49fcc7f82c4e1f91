/** What `holdup attach` costs a server under load, and what is left of one that is killed: `npm run bench:attach`. */
import { writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { parseArgs } from 'node:util'
import { type AttachCost, attachCost, type AttachPlan } from './lib/attach-cost.ts'
import { attachTable, attachVerdicts, throughputTable } from './lib/attach-table.ts'
import { fixture, startStore } from './lib/fixture.ts'
import type { Lane } from './lib/kill-lane.ts'
import { canHaveOwnNetwork, isHarmless, killInLanes, killTable } from './lib/kill-lanes.ts'

const { values: options } = parseArgs({
  options: {
    /** Of a fixture. */
    attaches: { type: 'string', default: '10' },
    /** Pairs of slices without any, which give the noise. */
    'bare-pairs': { type: 'string', default: '4' },
    /** How long each records. */
    'record-ms': { type: 'string', default: '30000' },
    connections: { type: 'string', default: '4' },
    fixtures: { type: 'string', default: 'async,mutex-pool' },
    /** Instead: so many attaches, each killed at a random moment, over all the fixtures. */
    kills: { type: 'string' },
    /** Of its start, which takes two seconds where four lanes share two cores. */
    'kill-within-ms': { type: 'string', default: '4000' },
    /** Servers that this is done to side by side. */
    lanes: { type: 'string', default: '4' },
    /** A file for all the figures. */
    json: { type: 'string' },
  },
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
const fixtures = options.fixtures.split(',')
const good = options.kills === undefined ? await measureCost() : await kill(Number(options.kills))
process.exitCode = good ? 0 : 1

/** Whether all verdicts hold. */
async function measureCost(): Promise<boolean> {
  const plan: AttachPlan = {
    attaches: Number(options.attaches),
    barePairs: Number(options['bare-pairs']),
    connections: Number(options.connections),
    recordMs: Number(options['record-ms']),
  }
  const store = await startStore()
  const costs: AttachCost[] = []
  try {
    for (const name of fixtures) {
      process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${name} …\n`)
      costs.push(await attachCost(fixture(name, store.port), plan))
    }
  } finally {
    store.stop()
  }
  const verdicts = costs.flatMap(attachVerdicts)
  console.log(`\n${attachTable(costs)}\n\n${throughputTable(costs)}\n\n${verdicts.map(({ text }) => text).join('\n')}`)
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ plan, costs, verdicts }, null, 2)}\n`)
  return verdicts.every(({ holds }) => holds)
}

/** Whether no kill did any harm. */
async function kill(kills: number): Promise<boolean> {
  const own = canHaveOwnNetwork()
  const each = own ? Math.max(1, Math.floor(Number(options.lanes) / fixtures.length)) : 1
  const lanes = fixtures.flatMap((fixture) =>
    Array.from({ length: each }, (): Lane => ({
      fixture,
      kills: Math.ceil(kills / fixtures.length / each),
      withinMs: Number(options['kill-within-ms']),
    })),
  )
  const found = await killInLanes(lanes, own, (name, kill) => {
    if (!isHarmless(kill)) console.log(`${name}: ${JSON.stringify(kill)}`)
  })
  console.log(`\n${killTable(found)}`)
  if (options.json) writeFileSync(options.json, `${JSON.stringify(Object.fromEntries(found), null, 2)}\n`)
  return [...found.values()].flat().every(isHarmless)
}
