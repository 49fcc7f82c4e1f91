import type { Command } from 'commander'
import { HoldupError } from '../errors.ts'
import { checkRecordingFlags } from './contradictions.ts'
import { makeOutputFolder } from './output-folder.ts'
import { addRecordingOptions, recordAndReport } from './recording.ts'
import type { RecordingFlags } from './recording.ts'

/** `holdup run [options] -- <command> [args…]` */
export function addRun(program: Command): void {
  const run = program
    .command('run')
    .summary('launch a command, record it, report')
    .usage('[options] -- <command> [args…]')
    .description('Launches a server and records it until Ctrl-C, its exit or --duration; then writes the report.')
    .argument('[command...]', 'what to launch')
    .passThroughOptions()
  addRecordingOptions(run, 'launch')
    .addHelpText(
      'after',
      '\nAlso: --no-color. Exit: 0 ran · 1 findings at or over --fail-on · 2 not started, or our error.',
    )
    .action(async (command: string[], flags: RecordingFlags) => {
      checkRecordingFlags('run', flags)
      if (command.join('') === '') throw new HoldupError('command-missing', { verb: 'run' })
      const folder = makeOutputFolder(flags.output, command, new Date())
      const stdout = flags.json ? 'stderr' : 'inherit'
      // The target owns stdout.
      await recordAndReport({ command, env: process.env, stdout }, folder, flags, process.stderr)
    })
}
