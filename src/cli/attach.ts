import type { Command } from 'commander'
import { findTarget } from '../targets/find.ts'
import { permittedCommand } from '../targets/permitted.ts'
import { checkRecordingFlags } from './contradictions.ts'
import { makeOutputFolder } from './output-folder.ts'
import { addRecordingOptions, recordAndReport } from './recording.ts'
import type { RecordingFlags } from './recording.ts'
import { addSelectors, type SelectorFlags, selectorOf } from './selector.ts'
import { withGivenPort } from './values.ts'

type AttachFlags = RecordingFlags & SelectorFlags

/** `holdup attach <pid> | --port N | --name S` */
export function addAttach(program: Command): void {
  const attach = program
    .command('attach')
    .summary('record a process that runs already')
    .usage('[options] <pid> | --port <n> | --name <text>')
    .description('Records a running process and its children until Ctrl-C or --duration, and leaves it as it was.')
    .argument('[pid]', 'which process (holdup list --targets shows those there are)')
  addRecordingOptions(addSelectors(attach), 'attach')
    .addHelpText(
      'after',
      "\nA Node process' inspector is opened for the moment that the agent needs to get in; meanwhile any user of this\n" +
        'machine can run code in it. Also: --no-color. Exit: as of holdup run.',
    )
    .action(async (given: string | undefined, flags: AttachFlags) => {
      checkRecordingFlags('attach', flags)
      const pid = findTarget(selectorOf('attach', given, flags))
      const command = permittedCommand(pid)
      const probes = flags.inspector ? flags.probes : flags.probes.filter((probe) => probe !== 'node')
      const folder = makeOutputFolder(flags.output, command, new Date())
      const load = flags.load === undefined ? {} : { load: withGivenPort(flags.load, flags.port) }
      await recordAndReport({ pid }, folder, { ...flags, ...load, probes }, process.stdout)
    })
}
