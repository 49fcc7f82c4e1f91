import { rmdirSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { DriveOptions } from '../load/load-driver.ts'
import { readRequestsFile } from '../load/requests-file.ts'
import type { Report } from '../report/model.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import type { StepOptions } from './drive-steps.ts'
import { giveWay } from './give-way.ts'
import { parseAddress, serveMetrics } from './metrics-server.ts'
import { together } from './live-views.ts'
import { openInBrowser } from './open-in-browser.ts'
import { pushOtlp } from './otlp.ts'
import { pushPprof } from './pprof-push.ts'
import { parseReceiver, type Receiver } from './receiver.ts'
import { record } from './record.ts'
import type { ProbeName, RecordOptions } from './record-options.ts'
import { exitCodeFor, SEVERITIES, showReport } from './show-report.ts'
import { DEFAULT_MAX_SIZE, parseChoice, parseCount, parseDuration, parseSize, parseUrl } from './values.ts'
import { writeReport } from './write-report.ts'

/** All of them, each where the machine has what it needs. */
const PROBES: readonly ProbeName[] = [
  'proc',
  'pidusage',
  'node',
  'native',
  'native-sampler',
  'tracefs',
  'perf',
  'py-spy',
  'jvm',
  'go',
]
/** Into what is launched an agent is put: that is the most exact, and costs the least. */
export const PROBES_OF_A_LAUNCH: readonly ProbeName[] = PROBES.filter((probe) => probe !== 'tracefs')
/** Of `--cpu-profile`: how often it samples. */
export const CPU_PROFILE = { off: null, '1ms': 1, '5ms': 5, '10ms': 10 }
/** One request after the other on each; at a given rate at most, and so few at a time as there are requests without an answer. */
const CONNECTIONS = { closed: 32, open: 1000 }

const OTLP_EXAMPLE = 'http://127.0.0.1:4318'
const PPROF_EXAMPLE = 'http://127.0.0.1:4040'

/** What `run` and `attach` have in common. */
export interface RecordingFlags extends ProbeFlags {
  duration?: Milliseconds
  warmup?: Milliseconds
  load?: string
  connections?: number
  rate?: number
  reconnect?: boolean
  requestsFrom?: string
  onPort?: string
  reportEvery?: Milliseconds
  prometheus?: ReturnType<typeof parseAddress>
  otlp?: Receiver
  pprofPush?: Receiver
}

/** What all that record have in common. */
export interface ProbeFlags {
  output?: string
  json?: boolean
  cpuProfile: keyof typeof CPU_PROFILE
  probes: ProbeName[]
  maxSize: Bytes
  failOn?: Report['results'][number]['findings'][number]['severity']
  open?: boolean
  quiet?: boolean
}

/** Those of `scale` bring steps in place of a load. */
type AnyFlags = (RecordingFlags & { steps?: never }) | (ProbeFlags & { steps: StepOptions })

/** Adds the options that `run` and `attach` have in common; `from`: what durations count from. */
export function addRecordingOptions(command: Command, from: string): Command {
  return addProbeOptions(
    command
      .option('-d, --duration <time>', `stop after 10s, 2m … (counts from the ${from})`, parseDuration('--duration'))
      .option('--warmup <time>', 'leave this much out of the diagnosis', parseDuration('--warmup'))
      .option(
        '--load <url|path>',
        "drive load at this URL, or path of the target's, once it answers; after it, if cores were idle, for a second or a few on one connection alone",
        parseUrl('--load'),
      )
      .option(
        '-c, --connections <n>',
        'connections of --load (32; with --rate at most, 1000)',
        parseCount('--connections'),
      )
      .option('--rate <n>', 'send n requests a second, without waiting for earlier answers', parseCount('--rate'))
      .option('--reconnect', 'a connection for each request')
      .option('--requests-from <file>', 'paths for --load to ask for, one a line')
      .option('--on-port <command>', 'run this when the target listens ($PORT is set); its end ends the recording')
      .option('--prometheus <[host:]port>', 'serve the last seconds as metrics while it records', parseAddress)
      .option(
        '--otlp <endpoint>',
        'push them to an OpenTelemetry collector, and what is found',
        parseReceiver('--otlp', OTLP_EXAMPLE),
      )
      .option(
        '--pprof-push <url>',
        'push CPU and lock profiles to Pyroscope or Parca',
        parseReceiver('--pprof-push', PPROF_EXAMPLE),
      )
      .option('--report-every <time>', 'a report of each 10m … while it records', parseDuration('--report-every')),
    from,
  )
}

export function cpuProfileOption(description: string, byDefault: keyof typeof CPU_PROFILE): Option {
  const choices = Object.keys(CPU_PROFILE)
  return new Option(`--cpu-profile <${choices.join('|')}>`, description)
    .argParser(parseChoice('--cpu-profile', choices))
    .default(byDefault)
}

/** Adds the options that say what is measured; `from` a launch, no probe is tried that only an attach has. */
export function addProbes(command: Command, from: string, cpuProfile: keyof typeof CPU_PROFILE): Command {
  return command
    .addOption(cpuProfileOption("V8's CPU profile; off: that of native code by perf too", cpuProfile))
    .addOption(
      new Option('--probes <list>', `which to use: ${PROBES.join(',')}`)
        .argParser(parseProbes)
        .default(
          from === 'launch' ? PROBES_OF_A_LAUNCH : PROBES,
          from === 'launch' ? 'all but tracefs, where there is what they need' : 'all, where there is what they need',
        ),
    )
}

/** Adds the options that all that record have in common. */
export function addProbeOptions(command: Command, from = 'launch'): Command {
  command
    .option('-o, --output <dir>', 'folder for the report (default: reports/<name>-<time>)')
    .option('--json', 'the report as JSON on stdout, nothing else there')
  return addProbes(command, from, from === 'attach' ? '10ms' : '5ms')
    .addOption(
      new Option('--max-size <size>', 'cap of the recording; the oldest detail goes first')
        .argParser(parseSize('--max-size'))
        .default(DEFAULT_MAX_SIZE, '256MB'),
    )
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
  flags: AnyFlags,
  reportTo: NodeJS.WriteStream,
): Promise<void> {
  const recorded = toRecordOptions(of, folder, flags).then(record)
  const { path, failure } = await recorded.catch((error: unknown) => {
    if (flags.output === undefined) removeIfEmpty(folder)
    throw error
  })
  if ('pid' in of) giveWay()
  const report = await writeReport(path, folder)
  showReport(report, folder, { json: flags.json ?? false, to: reportTo })
  if (flags.open) openInBrowser(folder)
  if (failure) throw failure
  process.exitCode = exitCodeFor(report, flags.failOn)
}

/** What was never launched leaves nothing behind. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // It holds a recording.
  }
}

async function toRecordOptions(of: RecordOptions['of'], folder: string, flags: AnyFlags): Promise<RecordOptions> {
  if (flags.steps) return { ...common(of, folder, flags), steps: flags.steps }
  const paths = flags.requestsFrom === undefined ? {} : { paths: await readRequestsFile(flags.requestsFrom) }
  const live = together([
    flags.prometheus ? await serveMetrics(flags.prometheus) : null,
    flags.otlp ? pushOtlp(flags.otlp, process.env) : null,
    flags.pprofPush ? pushPprof(flags.pprofPush, process.env) : null,
  ])
  return {
    ...common(of, folder, flags),
    durationMs: flags.duration ?? null,
    warmupMs: flags.warmup ?? 0,
    reportEveryMs: flags.reportEvery ?? null,
    load: flags.load === undefined ? null : { ...loadOf(flags, flags.load), ...paths },
    onPort: flags.onPort ?? null,
    ...(live && { live }),
  }
}

function loadOf({ connections, rate, reconnect = false }: RecordingFlags, url: string): DriveOptions {
  const most = connections ?? (rate === undefined ? CONNECTIONS.closed : CONNECTIONS.open)
  return { url, connections: most, reconnect, ...(rate !== undefined && { rate }) }
}

function common(of: RecordOptions['of'], folder: string, flags: ProbeFlags): RecordOptions {
  return {
    of,
    folder,
    quiet: (flags.quiet ?? false) || (flags.json ?? false),
    durationMs: null,
    warmupMs: 0,
    cpuProfileMs: CPU_PROFILE[flags.cpuProfile],
    maxBytes: flags.maxSize,
    reportEveryMs: null,
    probes: flags.probes,
    load: null,
    onPort: null,
  }
}

function parseProbes(given: string): ProbeName[] {
  return given.split(',').map((name) => parseChoice('--probes', PROBES)(name.trim()))
}
