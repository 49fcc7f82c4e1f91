import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { parseSlo } from '../analysis/scale/slo.ts'
import { HoldupError } from '../errors.ts'
import { readRequestsFile } from '../load/requests-file.ts'
import { findTarget } from '../targets/find.ts'
import { permittedCommand } from '../targets/permitted.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import type { StepOptions } from './drive-steps.ts'
import { makeOutputFolder } from './output-folder.ts'
import { addProbeOptions, type ProbeFlags, recordAndReport } from './recording.ts'
import { parseCount, parseDuration, parsePercent, parseUrl, withGivenPort } from './values.ts'

const SETTLE_MS = 750

interface ScaleFlags extends ProbeFlags {
  port?: number
  load?: string
  requestsFrom?: string
  max: number
  step: Milliseconds
  warmup: Milliseconds
  rounds: number
  slo?: StepOptions['slo']
  maxErrors: Ratio
}

/** `holdup scale -- <command> | --port N` */
export function addScale(program: Command): void {
  const scale = program
    .command('scale')
    .summary('more and more connections: what limits, and the capacity')
    .usage('[options] -- <command> [args…]  |  --port <n>')
    .description(
      'Steps up the connections 1, 2, 4 …, each step recorded, until throughput falls, errors or the SLO end it; fits the Universal Scalability Law and says what limits.',
    )
    .argument('[command...]', 'what to launch')
    .passThroughOptions()
    .option('--port <n>', 'instead of a command: the service that listens on this port', parseCount('--port'))
    .option('--load <url|path>', 'what to ask for (default: / of the port that it listens on)', parseUrl('--load'))
    .option('--requests-from <file>', 'paths to ask for, one a line')
    .option(
      '--slo <limit>',
      'find the most connections that hold it: "p99<100ms", of mean, p50, p90, p99, max',
      parseSloFlag,
    )
    .addOption(
      new Option('--max-errors <share>', 'requests that may fail')
        .argParser(parsePercent('--max-errors'))
        .default(0.001, '0.1%'),
    )
    .option('--max <n>', 'the most connections', parseCount('--max'), 1024)
    .addOption(
      new Option('--step <time>', 'how long each number of connections is measured')
        .argParser(parseDuration('--step'))
        .default(3000, '3s'),
    )
    .addOption(
      new Option('--warmup <time>', 'load before the first step')
        .argParser(parseDuration('--warmup'))
        .default(3000, '3s'),
    )
    .option('--rounds <n>', 'the ramp so often, for narrower intervals', parseCount('--rounds'), 1)
  addProbeOptions(scale)
    .addHelpText('after', '\nAlso: --no-color. Exit: as of holdup run.')
    .action(async (command: string[], flags: ScaleFlags) => {
      const of = targetOf(command, flags)
      const folder = makeOutputFolder(flags.output, 'pid' in of ? permittedCommand(of.pid) : command, new Date())
      await recordAndReport(of, folder, { ...flags, steps: await toSteps(flags) }, process.stdout)
    })
}

function targetOf(command: readonly string[], { port }: ScaleFlags) {
  if (port !== undefined && command.length > 0) throw new HoldupError('scale-twice', { command: command.join(' ') })
  if (port !== undefined) return { pid: findTarget({ port }) }
  if (command.length === 0) throw new HoldupError('command-missing', { verb: 'scale' })
  // The table is what stdout is for.
  return { command, env: process.env, stdout: 'stderr' as const }
}

function loadUrl({ load, port }: ScaleFlags): string | null {
  if (load === undefined) return port === undefined ? null : `http://127.0.0.1:${port}/`
  return withGivenPort(load, port)
}

async function toSteps(flags: ScaleFlags): Promise<StepOptions> {
  const paths = flags.requestsFrom === undefined ? {} : { paths: await readRequestsFile(flags.requestsFrom) }
  return {
    url: loadUrl(flags),
    ...paths,
    most: flags.max,
    stepMs: flags.step,
    settleMs: SETTLE_MS,
    warmupMs: flags.warmup,
    warmupConnections: Math.min(flags.max, 4 * availableParallelism()),
    slo: flags.slo ?? null,
    maxErrors: flags.maxErrors,
    rounds: flags.rounds,
  }
}

function parseSloFlag(given: string): NonNullable<StepOptions['slo']> {
  const limit = parseSlo(given)
  if (limit) return { text: given.replaceAll(' ', ''), limit }
  throw new HoldupError('bad-option-value', {
    option: '--slo',
    given,
    allowed: ['a figure, < and a time: p99<100ms, mean<2s, max<500ms'],
    instead: "holdup scale --slo 'p99<100ms' -- node server.js",
  })
}
