import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { Severity } from '../detectors/detector.ts'
import { locateRecording } from '../recording/source.ts'
import { makeOutputFolder } from './output-folder.ts'
import { exitCodeFor, SEVERITIES, showReport } from './show-report.ts'
import { parseChoice } from './values.ts'
import { writeReport } from './write-report.ts'

/** `holdup report <recording>` */
export function addReport(program: Command): void {
  program
    .command('report')
    .summary('make the reports of a recording again')
    .description('Reads a recording (or the folder of one), diagnoses it and writes its reports again.')
    .argument('<recording>', 'recording.ndjson, .gz, or their folder')
    .option('-o, --output <dir>', "folder for the report (default: the recording's own)")
    .option('--json', 'the report as JSON on stdout')
    .option(
      '--fail-on <severity>',
      'exit 1 on a finding of info, warning or critical',
      parseChoice('--fail-on', SEVERITIES),
    )
    .action(async (given: string, flags: { output?: string; json?: boolean; failOn?: Severity }) => {
      const recording = await locateRecording(given)
      const folder = makeOutputFolder(flags.output ?? dirname(recording), [], new Date())
      const report = await writeReport(recording, folder)
      showReport(report, folder, { json: flags.json ?? false, to: process.stdout })
      process.exitCode = exitCodeFor(report, flags.failOn)
    })
}
