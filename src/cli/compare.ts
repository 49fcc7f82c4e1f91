import { type Command, InvalidArgumentError, Option } from 'commander'
import { compareReports, type NamedReport } from '../compare/compare.ts'
import { renderComparisonMarkdown } from '../compare/markdown.ts'
import { renderSetMarkdown } from '../compare/set-markdown.ts'
import { renderSetTerminal } from '../compare/set-terminal.ts'
import { compareSets, type ReportSet } from '../compare/sets.ts'
import { renderComparisonTerminal } from '../compare/terminal.ts'
import { HoldupError } from '../errors.ts'
import type { Milliseconds } from '../units.ts'
import { duel, type Duel } from './compare-runs.ts'
import { makeOutputFolder } from './output-folder.ts'
import { readSet } from './recorded-set.ts'
import { CPU_PROFILE, cpuProfileOption } from './recording.ts'
import { terminalOf } from './show-report.ts'
import { parseCount, parseDuration, parseUrl } from './values.ts'
import { writeComparison } from './write-comparison.ts'

interface CompareFlags {
  with?: string[]
  run?: string[]
  rounds: number
  load?: string
  connections: number
  requestsFrom?: string
  onPort?: string
  duration: Milliseconds
  warmup: Milliseconds
  cpuProfile: keyof typeof CPU_PROFILE
  output?: string
  json?: boolean
  markdown?: boolean
}

const EXAMPLES = `
Examples:
  holdup compare reports/before reports/after          two recordings, or two folders of several
  holdup compare a1 a2 a3 a4 a5 --with b1 b2 b3 b4 b5  two sets, the n-th of one against the n-th of the other
  holdup compare --run 'node old.js' --run 'node new.js' --load '/search?q=tree' --rounds 7
`

/** `holdup compare <before> <after>` */
export function addCompare(program: Command): void {
  program
    .command('compare')
    .summary('two recordings, or two sets of them, side by side')
    .usage("[options] <before...> [--with] <after...> | --run 'A' --run 'B'")
    .description(
      'Sets recordings side by side: latency, memory, CPU, threads, locks, and which findings came and went. Of five pairs of runs or more it says what differs and what does not.',
    )
    .argument('[recordings...]', 'recordings, their folders, or a folder of several')
    .option('--with <recordings...>', 'the second set')
    .option('--run <command>', 'run two commands in turn instead (give it twice; $PORT is set)', addTo)
    .option('--rounds <n>', 'rounds of --run', parseCount('--rounds'), 7)
    .option(
      '--load <url|path>',
      'of --run: load to drive; $PORT in it, or a path alone, is where the command listens',
      parseUrl('--load'),
    )
    .option('-c, --connections <n>', 'connections of --load', parseCount('--connections'), 32)
    .option('--requests-from <file>', 'paths for --load to ask for, one a line')
    .option('--on-port <command>', 'of --run: run this when the command listens; its end ends the run')
    .addOption(
      new Option('-d, --duration <time>', 'of each run').argParser(parseDuration('--duration')).default(10_000, '10s'),
    )
    .addOption(
      new Option('--warmup <time>', 'of each run, left out').argParser(parseDuration('--warmup')).default(1000, '1s'),
    )
    .addOption(cpuProfileOption('of --run', '5ms'))
    .option('-o, --output <dir>', 'folder for comparison.html, .md and .json')
    .option('--json', 'the comparison as JSON')
    .option('--markdown', 'for a pull request')
    .addHelpText('after', EXAMPLES)
    .action(async (recordings: string[], flags: CompareFlags) => {
      if (flags.run && recordings.length > 0)
        throw new HoldupError('too-many-arguments', {
          verb: 'compare',
          takes: 'recordings, or --run twice',
          extra: recordings[0] ?? '',
        })
      if (flags.run) return compareRuns(flags.run, flags)
      const { first, second } = splitSets(recordings, flags.with)
      const [a, b] = [await readSet(first, 'before'), await readSet(second, 'after')]
      if (a.reports.length !== b.reports.length)
        throw new HoldupError('sets-unequal', { before: a.reports.length, after: b.reports.length })
      if (flags.output !== undefined) writeComparison(a, b, makeOutputFolder(flags.output, [], new Date()))
      const [before, after] = [named(a), named(b)]
      if (a.reports.length === 1 && before && after) showPair([before, after], flags)
      else showSets(a, b, flags)
    })
}

async function compareRuns([first, second, ...more]: readonly string[], flags: CompareFlags): Promise<void> {
  if (first === undefined || second === undefined || more.length > 0)
    throw new HoldupError('option-missing', {
      verb: 'compare',
      option: '--run twice',
      allowed: ['the command before', 'the one after'],
      instead: "holdup compare --run 'node before.js' --run 'node after.js' --load '/search?q=tree'",
    })
  const folder = makeOutputFolder(flags.output, ['compare'], new Date())
  const { load, requestsFrom, onPort } = flags
  const run: Duel['run'] = {
    load:
      load === undefined
        ? null
        : { url: load, connections: flags.connections, ...(requestsFrom !== undefined && { requestsFrom }) },
    ...(onPort !== undefined && { onPort }),
    durationMs: flags.duration,
    warmupMs: flags.warmup,
    cpuProfileMs: CPU_PROFILE[flags.cpuProfile],
  }
  const [a, b] = await duel({ commands: [first, second], rounds: flags.rounds, run }, folder)
  const files = writeComparison(a, b, folder)
  showSets(a, b, flags)
  if (!flags.json && !flags.markdown) process.stdout.write(`\nComparison: ${files.html} (also .md, .json)\n`)
}

/** `before after`, or all of the first `--with` all of the second. */
function splitSets(
  recordings: readonly string[],
  given: readonly string[] | undefined,
): { first: readonly string[]; second: readonly string[] } {
  const sets = given
    ? { first: recordings, second: given }
    : { first: recordings.slice(0, 1), second: recordings.slice(1) }
  if (sets.first.length === 0) throw new HoldupError('argument-missing', { verb: 'compare', argument: 'before' })
  if (sets.second.length === 0) throw new HoldupError('argument-missing', { verb: 'compare', argument: 'after' })
  if (!given && sets.second.length > 1)
    throw new HoldupError('option-missing', {
      verb: 'compare',
      option: '--with between two sets',
      allowed: ['the recordings of the second set'],
      instead: 'holdup compare a1 a2 a3 --with b1 b2 b3',
    })
  return sets
}

function named({ name, reports: [report] }: ReportSet): NamedReport | null {
  return report ? { name, report } : null
}

function showPair(pair: readonly [NamedReport, NamedReport], { json, markdown }: CompareFlags): void {
  const comparison = compareReports(pair)
  if (json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`)
  else if (markdown) process.stdout.write(renderComparisonMarkdown(comparison))
  else process.stdout.write(`${renderComparisonTerminal(comparison, terminalOf(process.stdout))}\n`)
}

function showSets(a: ReportSet, b: ReportSet, { json, markdown }: CompareFlags): void {
  const comparison = compareSets(a, b)
  if (json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`)
  else if (markdown) process.stdout.write(renderSetMarkdown(comparison))
  else process.stdout.write(renderSetTerminal(comparison, terminalOf(process.stdout)))
}

function addTo(command: string, before: readonly string[] | undefined): string[] {
  if (command.trim() === '') throw new InvalidArgumentError('an empty command')
  return [...(before ?? []), command]
}
