import { closeSync, openSync, rmdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Command, Option } from 'commander'
import { TARGET_EXITED } from '../analysis/quality.ts'
import { HoldupError } from '../errors.ts'
import { findTarget } from '../targets/find.ts'
import { permittedCommand } from '../targets/permitted.ts'
import type { Milliseconds } from '../units.ts'
import { makeOutputFolder } from './output-folder.ts'
import type { ProbeName, RecordOptions } from './record-options.ts'
import { record } from './record.ts'
import { addProbes, CPU_PROFILE } from './recording.ts'
import { addSelectors, type SelectorFlags, selectorOf } from './selector.ts'
import { TopView } from './top-view.ts'
import { parseDuration } from './values.ts'
import { writeReport } from './write-report.ts'

/** Of the recording: an hour or so of it, for reports on parts of it. */
const MAX_BYTES = 64e6

interface TopFlags extends SelectorFlags {
  every: Milliseconds
  output?: string
  probes: ProbeName[]
  cpuProfile: keyof typeof CPU_PROFILE
}

/** `holdup top <pid> | --port N | --name S | -- <command>` */
export function addTop(program: Command): void {
  const top = program
    .command('top')
    .summary('what costs most now, live')
    .usage('[options] <pid> | --port <n> | --name <text> | -- <command> [args…]')
    .description(
      'Shows what holds up a service at this moment: the last ten seconds, diagnosed again and again. At a terminal a screen\n' +
        'with keys (q quits, s sorts, space freezes, r records for a report); piped, a line each time.',
    )
    .argument('[what...]', 'a pid, or what to launch')
  addProbes(addSelectors(top), 'attach', 'off')
    .addOption(
      new Option('--every <time>', 'how often it looks').argParser(parseDuration('--every')).default(2000, '2s'),
    )
    .option('-o, --output <dir>', 'folder for what r records (default: reports/<name>-<time>)')
    .addHelpText('after', '\nWhat a launched command prints goes to output.log in that folder. Also: --no-color.')
    .action(async (what: string[], flags: TopFlags) => {
      const launches = what.length > 1 || (what.length === 1 && !/^\d+$/.test(what[0] ?? ''))
      if (launches && (flags.port !== undefined || flags.name !== undefined))
        throw new HoldupError('selector-twice', { verb: 'top', given: ['a command', 'a running process'] })
      const pid = launches ? null : findTarget(selectorOf('top', what[0], flags))
      const folder = makeOutputFolder(flags.output, pid === null ? what : permittedCommand(pid), new Date())
      await watch(pid === null ? { command: what } : { pid }, folder, flags)
    })
}

async function watch(of: { command: string[] } | { pid: number }, folder: string, flags: TopFlags): Promise<void> {
  const log = 'pid' in of ? null : openSync(join(folder, 'output.log'), 'w')
  const view = new TopView(flags.every, folder)
  let kept = false
  try {
    const target =
      'pid' in of ? of : { ...of, env: process.env, stdout: 'ignore' as const, ...(log !== null && { log }) }
    const { path, reason } = await record({ ...options(flags), of: target, folder, live: view })
    const span = view.takeRecording()
    kept = span !== null || view.reports > 0
    if (reason === TARGET_EXITED) await view.stay('the target has ended')
    view.close()
    if (!span) return
    await writeReport(path, folder, span)
    process.stdout.write(`Report: ${relative(process.cwd(), folder) || '.'}/report.html (also .md, .json)\n`)
  } finally {
    view.close()
    if (log !== null) closeSync(log)
    if (!kept) throwAway(folder)
  }
}

function options({ probes, inspector, cpuProfile }: TopFlags): Omit<RecordOptions, 'of' | 'folder'> {
  return {
    quiet: false,
    durationMs: null,
    warmupMs: 0,
    cpuProfileMs: CPU_PROFILE[cpuProfile],
    maxBytes: MAX_BYTES,
    reportEveryMs: null,
    probes: inspector ? probes : probes.filter((probe) => probe !== 'node'),
    load: null,
    onPort: null,
  }
}

/** The recording was made to look at, not to keep. */
function throwAway(folder: string): void {
  for (const file of ['recording.ndjson', 'recording.ndjson.gz']) rmSync(join(folder, file), { force: true })
  try {
    rmdirSync(folder)
  } catch {
    // It holds what the target printed.
  }
}
