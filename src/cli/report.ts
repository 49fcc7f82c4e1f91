import { dirname } from 'node:path'
import type { Command } from 'commander'
import { WHOLE } from '../analysis/window.ts'
import { HoldupError, quoteArgument } from '../errors.ts'
import type { Severity } from '../detectors/detector.ts'
import { locateRecording } from '../recording/source.ts'
import type { Milliseconds } from '../units.ts'
import { checkOrder } from './contradictions.ts'
import { makeOutputFolder } from './output-folder.ts'
import { profileFormat } from './read-profile-file.ts'
import { reportProfile } from './report-profile.ts'
import { exitCodeFor, SEVERITIES, showReport } from './show-report.ts'
import { parseChoice, parseDuration } from './values.ts'
import { writeReport } from './write-report.ts'

interface ReportFlags {
  output?: string
  from?: Milliseconds
  to?: Milliseconds
  json?: boolean
  failOn?: Severity
}

/** `holdup report <recording>` */
export function addReport(program: Command): void {
  program
    .command('report')
    .summary('make the reports of a recording again')
    .description(
      'Reads a recording (or the folder of one), diagnoses it and writes its reports again. Of a profile that another program\n' +
        'wrote (.pprof, .pb.gz, .cpuprofile, .folded) it draws the flamegraph.',
    )
    .argument('<recording>', 'recording.ndjson, .gz, their folder, or a profile')
    .option(
      '-o, --output <dir>',
      "folder for the report (default: the recording's own; of a profile reports/<name>-<time>)",
    )
    .option('--from <time>', 'leave out what came before', parseDuration('--from'))
    .option('--to <time>', 'leave out what came after', parseDuration('--to'))
    .option('--json', 'the report as JSON on stdout')
    .option(
      '--fail-on <severity>',
      'exit 1 on a finding of info, warning or critical',
      parseChoice('--fail-on', SEVERITIES),
    )
    .action(async (given: string, flags: ReportFlags) => {
      const format = profileFormat(given)
      if (format) {
        const recordingsOnly = Object.entries({ '--from': flags.from, '--to': flags.to, '--fail-on': flags.failOn })
        const option = recordingsOnly.find(([, value]) => value !== undefined)?.[0]
        if (option) throw new HoldupError('profile-no-recording', { option, path: given })
        return reportProfile(given, format, { output: flags.output, json: flags.json ?? false })
      }
      if (flags.from !== undefined && flags.to !== undefined)
        checkOrder(['--from', flags.from], ['--to', flags.to], `holdup report ${quoteArgument(given)}`)
      const recording = await locateRecording(given)
      const folder = makeOutputFolder(flags.output ?? dirname(recording), [], new Date())
      const { from = WHOLE.from, to = WHOLE.to } = flags
      const span = from === WHOLE.from && to === WHOLE.to ? WHOLE : { from, to }
      const report = await writeReport(recording, folder, span)
      showReport(report, folder, { json: flags.json ?? false, to: process.stdout })
      process.exitCode = exitCodeFor(report, flags.failOn)
    })
}
