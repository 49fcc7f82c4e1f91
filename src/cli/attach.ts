import type { Command } from 'commander'
import { HoldupError } from '../errors.ts'

import { findTarget, type Selector } from '../targets/find.ts'
import { permittedCommand } from '../targets/permitted.ts'
import { makeOutputFolder } from './output-folder.ts'
import { addRecordingOptions, recordAndReport } from './recording.ts'
import type { RecordingFlags } from './recording.ts'
import { parseCount } from './values.ts'

interface AttachFlags extends RecordingFlags {
  port?: number
  name?: string
  /** commander's way of `--no-inspector`. */
  inspector: boolean
}

/** `holdup attach <pid> | --port N | --name S` */
export function addAttach(program: Command): void {
  const attach = program
    .command('attach')
    .summary('record a process that runs already')
    .usage('[options] <pid> | --port <n> | --name <text>')
    .description('Records a running process and its children until Ctrl-C or --duration, and leaves it as it was.')
    .argument('[pid]', 'which process (holdup list --targets shows those there are)')
    .option('--port <n>', 'the one that listens on this port', parseCount('--port'))
    .option('--name <text>', 'the one whose command line holds this word')
    .option('--no-inspector', 'without the agent: only what the system shows of it')
  addRecordingOptions(attach, 'attach')
    .addHelpText(
      'after',
      "\nA Node process' inspector is opened for the moment that the agent needs to get in; meanwhile any user of this\n" +
        'machine can run code in it. Also: --no-color. Exit: as of holdup run.',
    )
    .action(async (given: string | undefined, flags: AttachFlags) => {
      const pid = findTarget(selectorOf(given, flags))
      const command = permittedCommand(pid)
      const probes = flags.inspector ? flags.probes : flags.probes.filter((probe) => probe !== 'node')
      const folder = makeOutputFolder(flags.output, command, new Date())
      await recordAndReport({ pid }, folder, { ...flags, probes }, process.stdout)
    })
}

function selectorOf(given: string | undefined, { port, name }: AttachFlags): Selector {
  const selectors: [string, Selector][] = []
  if (given !== undefined) selectors.push(['a pid', { pid: parsePid(given) }])
  if (port !== undefined) selectors.push(['--port', { port }])
  if (name !== undefined) selectors.push(['--name', { name }])
  const [first, another] = selectors
  if (!first) throw new HoldupError('argument-missing', { verb: 'attach', argument: 'pid' })
  if (another) throw new HoldupError('selector-twice', { given: selectors.map(([option]) => option) })
  return first[1]
}

function parsePid(given: string): number {
  const pid = Number(given)
  if (Number.isInteger(pid) && pid > 0) return pid
  throw new HoldupError('bad-option-value', {
    option: 'attach',
    given,
    allowed: ['a pid'],
    instead: `holdup attach --name ${given}`,
  })
}
