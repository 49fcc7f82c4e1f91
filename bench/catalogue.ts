/** Each fixture, launched and attached to: what was planted and found, and what was found besides: `npm run bench:catalogue`. */
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { agreement, bothNamed, recallOf, scorePatterns } from './lib/catalogue/confusion.ts'
import { coreSet } from './lib/catalogue/core-set.ts'
import { type CatalogueRun, type Combination, type Intensity, runsIn, runOnce, type Way } from './lib/catalogue/runs.ts'
import { textTable } from './lib/text-table.ts'
import { ROOT } from '../test/support/cli.ts'
import { buildNative, hasCommand } from '../test/support/native-fixture.ts'

const { values: options } = parseArgs({
  options: {
    /** The core set, which says most in some 350 runs, whatever `runs`, `ways` and `intensities` are; see core-set.ts. */
    core: { type: 'boolean', default: false },
    /** Of each fixture in each way. */
    runs: { type: 'string', default: '1' },
    ways: { type: 'string', default: 'launched,attached' },
    /** Of weak, clear and severe. */
    intensities: { type: 'string', default: 'clear' },
    /** Those whose names match, as a regular expression. */
    fixtures: { type: 'string', default: '.' },
    /** Holds each run once it is done; those that are in it already are not made again. */
    results: { type: 'string', default: 'reports/catalogue.ndjson' },
  },
})
const RECALL: Readonly<Record<string, number>> = { weak: 0.75, clear: 0.95, severe: 0.95 }
const AGREEMENT = 0.95
const BOTH_NAMED = 0.9
/** What builds or runs its fixtures. */
const LANGUAGES: Readonly<Record<string, string | null>> = {
  node: null,
  rust: 'cargo',
  cpp: 'g++',
  java: 'javac',
  go: 'go',
  python: 'python3',
}
/** Its fixtures are built before they are run. */
const BUILT = ['rust', 'cpp', 'java', 'go'] as const

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
console.log(
  `${new Date().toISOString()} · Node ${process.version} · ${availableParallelism()} cores · Linux ${release()}`,
)
const intensities = (options.core ? 'weak,clear,severe' : options.intensities).split(',') as Intensity[]
const wanted = new RegExp(options.fixtures)
const names = Object.entries(LANGUAGES).flatMap(([language, command]) => {
  if (command === null || hasCommand(command)) return fixturesOf(language).filter((name) => wanted.test(name))
  console.log(`skipped: fixtures in ${language}: no ${command} here`)
  return []
})
const done = runsIn(options.results)
for (const name of names) await play(name)
process.exitCode = tell() ? 0 : 1

function fixturesOf(language: string): string[] {
  const folder = join(ROOT, 'fixtures', language)
  const services = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'expect.json')))
  return services.map((name) => (language === 'node' ? name : `${language}/${name}`))
}

async function play(fixture: string): Promise<void> {
  const [language, program = ''] = fixture.split('/')
  const wanted = (options.core ? coreSet : combinations)(fixture).filter(
    (each) =>
      !done.some((run) => Object.entries(each).every(([key, value]) => run[key as keyof typeof each] === value)),
  )
  // Not in the time of a recording.
  const built = BUILT.find((each) => each === language)
  if (wanted.length > 0 && built) buildNative(built, program)
  for (const each of wanted) {
    const { expected, faults, seconds } = await runOnce(each, options.results)
    const missed = expected.filter((id) => !faults.includes(id)).map((id) => `, MISSED ${id}`)
    const what = `${fixture} ${each.way} ${each.intensity} ${each.run}`
    console.error(`${what}: ${faults.join(', ') || 'clean'}${missed.join('')} (${seconds.toFixed(0)} s)`)
  }
}

function combinations(fixture: string): Combination[] {
  const runs = Array.from({ length: Number(options.runs) }, (_, i) => i + 1)
  return runs.flatMap((run) =>
    intensities.flatMap((intensity) =>
      (options.ways.split(',') as Way[]).map((way) => ({ fixture, way, intensity, run })),
    ),
  )
}

/** Whether it is as good as it has to be. */
function tell(): boolean {
  const runs = runsIn(options.results).filter(({ fixture }) => names.includes(fixture))
  const scores = scorePatterns(runs)
  const rows = scores.map((score) => [
    score.id,
    score.planted === 0 ? '–' : `${score.found} of ${score.planted}`,
    score.planted === 0 ? '–' : `${(100 * recallOf(score)).toFixed(0)} %`,
    `${score.falseAlarms.length} of ${score.clean}`,
    [...new Set(score.falseAlarms)].join(', '),
  ])
  console.log(`\n${textTable([['pattern', 'found', 'recall', 'false alarms', 'where'], ...rows])}`)
  const alarms = scores.reduce((sum, score) => sum + score.falseAlarms.length, 0)
  const { same, of } = agreement(runs)
  const mixed = bothNamed(runs)
  const verdicts: [boolean, string][] = [
    ...intensities.map((intensity) => judgeRecall(intensity, runs)),
    [alarms === 0, `${alarms} false alarms in ${runs.length} runs`],
    [
      mixed.named >= BOTH_NAMED * mixed.of,
      `both of two faults named in ${mixed.named} of ${mixed.of}, at least ${BOTH_NAMED}`,
    ],
    [of === 0 || same / of >= AGREEMENT, `launch and attach agree on ${same} of ${of}, at least ${AGREEMENT}`],
  ]
  console.log(`\n${verdicts.map(([holds, what]) => `${holds ? 'holds' : 'FAILS'}: ${what}`).join('\n')}`)
  return verdicts.every(([holds]) => holds)
}

function judgeRecall(intensity: Intensity, runs: readonly CatalogueRun[]): [boolean, string] {
  const scores = scorePatterns(runs.filter((run) => run.intensity === intensity))
  const planted = scores.reduce((sum, score) => sum + score.planted, 0)
  const found = scores.reduce((sum, score) => sum + score.found, 0)
  const least = RECALL[intensity] ?? 1
  return [
    recallOf({ planted, found }) >= least,
    `${found} of ${planted} planted faults found, ${intensity}, at least ${least}`,
  ]
}
