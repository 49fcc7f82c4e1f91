/** What `holdup attach` costs a server under load, and what is left of one that is killed: `npm run bench:attach`. */
import { writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { parseArgs } from 'node:util'
import { type AttachCost, attachCost, type AttachPlan } from './lib/attach-cost.ts'
import { attachTable, attachVerdicts, throughputTable } from './lib/attach-table.ts'
import { fixture, startStore } from './lib/fixture.ts'

const { values: options } = parseArgs({
  options: {
    /** Of 3 s each, a fixture. */
    attaches: { type: 'string', default: '20' },
    /** Pairs of slices without any, which give the noise. */
    'bare-pairs': { type: 'string', default: '10' },
    connections: { type: 'string', default: '8' },
    fixtures: { type: 'string', default: 'async,mutex-pool' },
    /** A file for all the figures. */
    json: { type: 'string' },
  },
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
process.exitCode = (await measureCost()) ? 0 : 1

/** Whether all verdicts hold. */
async function measureCost(): Promise<boolean> {
  const plan: AttachPlan = {
    attaches: Number(options.attaches),
    barePairs: Number(options['bare-pairs']),
    connections: Number(options.connections),
  }
  const store = await startStore()
  const costs: AttachCost[] = []
  try {
    for (const name of options.fixtures.split(',')) {
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
