/** What recording costs the target, and how long its reports take, beside 0x and clinic doctor: `npm run bench:overhead`. */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { fixture, startStore } from './lib/fixture.ts'
import { overheadOf } from './lib/overhead-of.ts'
import { VARIANTS } from './lib/variants.ts'

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '30' },
    'slice-ms': { type: 'string', default: '1000' },
    connections: { type: 'string', default: '20' },
    fixtures: { type: 'string', default: 'async,mutex-pool' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})
const store = await startStore()
for (const name of values.fixtures.split(',')) for (const v of VARIANTS) {
  if (values.only && !values.only.split(',').includes(v.name)) continue
  const why = v.missing?.()
  if (why) { console.log('skip', v.name, why); continue }
  const t = performance.now()
  const o = await overheadOf(v, fixture(name, store.port), { pairs: Number(values.pairs), sliceMs: Number(values['slice-ms']), connections: Number(values.connections) })
  console.log(JSON.stringify({ ...o, ratios: o.ratios.map(x => +x.toFixed(3)).join(' ') }), ((performance.now() - t) / 1000).toFixed(0) + 's')
}
store.process.kill()
process.exit()
