/**
 * Whether `holdup compare` can be believed: `npm run bench:compare`. Tables of a program against itself, of which one in twenty
 * may name a difference, and against itself with a tenth more CPU per request, of which nine in ten must name that and
 * nothing else. `-- --tables 20 --planted 10 --pairs 7`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { duel } from '../src/cli/compare-runs.ts'
import { verdictText } from '../src/compare/set-cells.ts'
import { compareSets, type SetComparison } from '../src/compare/sets.ts'

const TARGET = fileURLToPath(new URL('lib/compare-target.mjs', import.meta.url))
/** Of what the program computes: with what a request costs beside, a tenth more CPU. */
const PLANT = 0.11
/** Rows of what was planted. */
const PLANTED = new Set(['cpu-cores', 'cpu-per-request'])

const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '20' },
    planted: { type: 'string', default: '10' },
    pairs: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
  },
})

/** One table of so many pairs of real runs, the second of each with so much more CPU. */
async function table(extra: number): Promise<SetComparison> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-'))
  try {
    const command = `node ${TARGET}`
    const [before, after] = await duel(
      {
        commands: [`EXTRA_CPU=0 ${command}`, `EXTRA_CPU=${extra} ${command}`],
        rounds: Number(values.pairs),
        run: {
          load: { url: '/', connections: 8 },
          durationMs: Number(values.seconds) * 1000,
          warmupMs: 500,
          cpuProfileMs: null,
        },
        quiet: true,
      },
      folder,
    )
    return compareSets(before, after)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const claimed = ({ rows }: SetComparison) => rows.filter(({ verdict }) => verdict !== 'no difference')

async function tables(
  name: string,
  count: number,
  extra: number,
  isRight: (table: SetComparison) => boolean,
): Promise<number> {
  let right = 0
  for (let n = 1; n <= count; n++) {
    const made = await table(extra)
    const said = claimed(made).map((row) => `${row.label}: ${verdictText(row)}`)
    const cpu = made.rows.find(({ id }) => id === 'cpu-per-request')
    if (isRight(made)) right++
    console.log(
      `${name} ${n}: ${said.join(' · ') || `nothing differs; CPU per request: ${cpu ? verdictText(cpu) : '–'}`}`,
    )
  }
  return right
}

const same = Number(values.tables)
const silent = await tables('same program', same, 0, (made) => claimed(made).length === 0)
const planted = Number(values.planted)
let quiet = 0
const found = await tables('10 % more CPU', planted, PLANT, (made) => {
  if (claimed(made).every(({ id }) => PLANTED.has(id))) quiet++
  return made.rows.some(({ id, verdict }) => id === 'cpu-per-request' && verdict === 'worse')
})
console.log(`\nsame program: ${same - silent} of ${same} tables show a difference (at most 1 in 20)`)
console.log(`10 % more CPU: found in ${found} of ${planted} (at least 9 in 10); ${quiet} name nothing else`)
process.exitCode = same - silent <= same / 20 && found >= 0.9 * planted ? 0 : 1
