import type { Command } from 'commander'
import { HoldupError } from '../errors.ts'
import { readRequestsFile } from '../load/requests-file.ts'
import type { Report } from '../report/model.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import { giveWay } from './give-way.ts'
import { openInBrowser } from './open-in-browser.ts'
import { record } from './record.ts'
import type { ProbeName, RecordOptions } from './record.ts'
import { exitCodeFor, SEVERITIES, showReport } from './show-report.ts'
import { DEFAULT_MAX_SIZE, parseChoice, parseCount, parseDuration, parseSize } from './values.ts'
import { writeReport } from './write-report.ts'

/** All of them, each where the machine has what it needs. */
const PROBES: readonly ProbeName[] = ['proc', 'pidusage', 'node', 'native', 'native-sampler', 'tracefs', 'perf']
/** Into what is launched an agent is put: that is the most exact, and costs the least. */
export const PROBES_OF_A_LAUNCH: readonly ProbeName[] = PROBES.filter((probe) => probe !== 'tracefs')
/** Of `--cpu-profile`: how often it samples. */
export const CPU_PROFILE = { off: null, '1ms': 1, '5ms': 5 }

/** What `run` and `attach` have in common. */
export interface RecordingFlags {
  duration?: Milliseconds
  warmup?: Milliseconds
  output?: string
  json?: boolean
  load?: string
  connections: number
  requestsFrom?: string
  onPort?: string
  cpuProfile: keyof typeof CPU_PROFILE
  probes: ProbeName[]
  maxSize: Bytes
  reportEvery?: Milliseconds
  failOn?: Report['results'][number]['findings'][number]['severity']
  open?: boolean
  quiet?: boolean
}

/** Adds the options that `run` and `attach` have in common; `from`: what durations count from. */
export function addRecordingOptions(command: Command, from: string): Command {
  return command
    .option('-d, --duration <time>', `stop after 10s, 2m … (counts from the ${from})`, parseDuration('--duration'))
    .option('--warmup <time>', 'leave this much out of the diagnosis', parseDuration('--warmup'))
    .option('-o, --output <dir>', 'folder for the report (default: reports/<name>-<time>)')
    .option('--json', 'the report as JSON on stdout, nothing else there')
    .option('--load <url>', 'drive load at this URL once it answers')
    .option('-c, --connections <n>', 'connections of --load', parseCount('--connections'), 32)
    .option('--requests-from <file>', 'paths for --load to ask for, one a line')
    .option('--on-port <command>', 'run this when the target listens ($PORT is set); its end ends the recording')
    .option(
      '--cpu-profile <off|1ms|5ms>',
      "V8's CPU profile; off: that of native code by perf too",
      parseChoice('--cpu-profile', ['off', '1ms', '5ms']),
      '5ms',
    )
    .option('--probes <list>', `of ${PROBES.join(',')}`, parseProbes, [
      ...(from === 'launch' ? PROBES_OF_A_LAUNCH : PROBES),
    ])
    .option(
      '--max-size <size>',
      'cap of the recording; the oldest detail goes first',
      parseSize('--max-size'),
      DEFAULT_MAX_SIZE,
    )
    .option('--report-every <time>', 'a report of each 10m … while it records', parseDuration('--report-every'))
    .option(
      '--fail-on <severity>',
      'exit 1 on a finding of info, warning or critical',
      parseChoice('--fail-on', SEVERITIES),
    )
    .option('--open', 'open the report in the browser')
    .option('--quiet', 'say nothing while it runs')
}

/** Records, reports, and sets the exit code; `reportTo`: where a terminal's report goes. */
export async function recordAndReport(
  of: RecordOptions['of'],
  folder: string,
  flags: RecordingFlags,
  reportTo: NodeJS.WriteStream,
): Promise<void> {
  const { path, failure } = await record(await toRecordOptions(of, folder, flags))
  if ('pid' in of) giveWay()
  const report = await writeReport(path, folder)
  showReport(report, folder, { json: flags.json ?? false, to: reportTo })
  if (flags.open) openInBrowser(folder)
  if (failure) throw failure
  process.exitCode = exitCodeFor(report, flags.failOn)
}

async function toRecordOptions(of: RecordOptions['of'], folder: string, flags: RecordingFlags): Promise<RecordOptions> {
  const paths = flags.requestsFrom === undefined ? {} : { paths: await readRequestsFile(flags.requestsFrom) }
  return {
    of,
    folder,
    quiet: (flags.quiet ?? false) || (flags.json ?? false),
    durationMs: flags.duration ?? null,
    warmupMs: flags.warmup ?? 0,
    cpuProfileMs: CPU_PROFILE[flags.cpuProfile],
    maxBytes: flags.maxSize,
    reportEveryMs: flags.reportEvery ?? null,
    probes: flags.probes,
    load: flags.load === undefined ? null : { url: parseUrl(flags.load), connections: flags.connections, ...paths },
    onPort: flags.onPort ?? null,
  }
}

function parseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url && /^https?:$/.test(url.protocol)) return given
  throw new HoldupError('bad-option-value', {
    option: '--load',
    given,
    allowed: ['http://127.0.0.1:8080/search?q=word'],
  })
}

function parseProbes(given: string): ProbeName[] {
  return given.split(',').map((name) => parseChoice('--probes', PROBES)(name.trim()))
}
