/** How true holdup's figures of native programs are, by what those measured themselves: `npm run bench:truth`. */
import { availableParallelism, release } from 'node:os'
import { parseArgs } from 'node:util'
import { textTable } from './lib/text-table.ts'
import { CHURN_VERDICTS, finite } from './lib/truth/churn.ts'
import { LOCK_HEAD, lockRow, lockVerdicts, lockWaitsOf } from './lib/truth/lock-waits.ts'
import { CHURN_PROGRAMS, LOCK_PROGRAMS, missingCompiler, type Program } from './lib/truth/programs.ts'
import { type Tier, TIERS } from './lib/truth/tiers.ts'
import { recordTurns, SERVERS, turnVerdicts } from './lib/truth/turns.ts'
import type { Verdict } from './lib/verdict.ts'

const { values: options } = parseArgs({
  options: {
    /** Of a window. */
    seconds: { type: 'string', default: '3' },
    /** Any of locks, threads, turns. */
    parts: { type: 'string', default: 'locks,threads,turns' },
    /** Words of which the names of tiers have one. */
    tiers: { type: 'string', default: 'launch,attach' },
  },
})
const seconds = Number(options.seconds)
const parts = options.parts.split(',')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
const wanted = TIERS.filter(({ name }) => options.tiers.split(',').some((word) => name.includes(word))).filter(isThere)
const found: Verdict[] = []
if (parts.includes('locks')) found.push(...(await locks()))
if (parts.includes('threads')) found.push(...(await threads()))
if (parts.includes('turns')) found.push(...(await turns()))
process.exitCode = found.every(({ holds }) => holds) ? 0 : 1

async function locks(): Promise<Verdict[]> {
  const rows = [LOCK_HEAD]
  const verdicts: Verdict[] = []
  for (const tier of wanted)
    for (const program of LOCK_PROGRAMS.filter(isBuildable)) {
      const waits = lockWaitsOf(program, tier, await tier.record(program, seconds))
      rows.push(lockRow(waits))
      verdicts.push(...lockVerdicts(waits))
    }
  console.log(`\n${textTable(rows)}`)
  return say(verdicts)
}

async function threads(): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const tier of wanted)
    for (const program of CHURN_PROGRAMS.filter(isBuildable)) {
      const recorded = await tier.record(tier.threads === 'all' ? finite(program, seconds) : program, seconds)
      verdicts.push(CHURN_VERDICTS[tier.threads](program, tier, recorded))
    }
  return say(verdicts)
}

async function turns(): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const server of SERVERS) verdicts.push(...turnVerdicts(server, await recordTurns(server, seconds * 2)))
  return say(verdicts)
}

function say(verdicts: Verdict[]): Verdict[] {
  console.log(`\n${verdicts.map(({ text }) => text).join('\n')}`)
  return verdicts
}

function isThere({ name, missing }: Tier): boolean {
  const why = missing()
  if (why) console.log(`skipped: ${name}: ${why}`)
  return !why
}

function isBuildable(program: Program): boolean {
  const compiler = missingCompiler(program)
  if (compiler) console.log(`skipped: ${program.name}: needs ${compiler}`)
  return !compiler
}
