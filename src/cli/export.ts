import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Command } from 'commander'
import { analyse } from '../analysis/analyse.ts'
import { HoldupError, quoteArgument } from '../errors.ts'
import { readRecording } from '../recording/read.ts'
import type { Recording } from '../recording/read.ts'
import { foldedStacks } from '../stacks/folded.ts'
import { groupTrees } from '../stacks/group-trees.ts'
import type { GroupTree } from '../stacks/group-trees.ts'
import { cpuSamples, LOCK_TYPES, pprofProfile } from '../stacks/pprof.ts'
import { firefoxFile } from '../stacks/firefox.ts'
import { speedscopeFile } from '../stacks/speedscope.ts'
import { traceFile } from '../stacks/trace.ts'
import { toZeroXProfile } from '../stacks/zero-x.ts'
import { writeClinicFolder } from './clinic-folder.ts'
import { clinicSamples } from './clinic-samples.ts'
import { lockSamples } from './lock-samples.ts'
import { loadZeroX, renderZeroX } from './render-zero-x.ts'
import { cpuProfileName, threadProfiles } from './thread-profiles.ts'
import { traceOf } from './trace-of.ts'
import { VERSION } from './version.ts'
import { writeFolder, writeText } from './write-export.ts'
import type { Destination } from './write-export.ts'

interface Request extends Destination {
  recording: Recording
  idle: boolean
}

/** Each format's writer; it gives the files that it wrote, none where it wrote to stdout. */
const FORMATS: Readonly<Record<string, (request: Request) => Promise<string[]>>> = {
  '0x': exportZeroX,
  speedscope: exportSpeedscope,
  folded: exportFolded,
  cpuprofile: exportCpuProfiles,
  firefox: exportFirefox,
  pprof: exportPprof,
  'clinic-doctor': exportClinicDoctor,
  trace: exportTrace,
  csv: exportCsv,
}
const NAMES = Object.keys(FORMATS)
const NS_PER_MS = 1e6
/** What else there is goes into these too. */
const WITHOUT_PROFILE: ReadonlySet<string> = new Set(['pprof', 'clinic-doctor', 'trace', 'csv'])

const NOTES = `
folded, speedscope, firefox, trace and csv go to stdout, 0x, cpuprofile, pprof and clinic-doctor into a folder beside the recording, unless -o says where.
Idle time is left out, as flamegraphs have it: V8's (idle), and threads blocked in Atomics.wait. --idle keeps it.
0x draws with the package 0x, which is yours to install: npm install --no-save 0x

Examples:
  holdup export reports/server --to folded | flamegraph.pl --countname us > flame.svg
  holdup export reports/server --to speedscope -o server.speedscope.json
  holdup export reports/server --to pprof && go tool pprof -http : reports/server/pprof/locks.pb.gz
`

/** `holdup export <recording> --to <format>` */
export function addExport(program: Command): void {
  program
    .command('export')
    .summary('a recording for other tools')
    .description("Writes a recording's CPU profile, lock waits or timelines in the format of another tool.")
    .argument('<recording>', 'recording.ndjson, .gz, or their folder')
    .option('--to <format>', NAMES.join(', '))
    .option('-o, --output <path>', 'file (folded, speedscope, firefox, trace, csv) or folder')
    .option('--idle', 'keep the time in which a thread did nothing (cpuprofile always does)')
    .option('--json', 'errors, and which files were written, as JSON')
    .addHelpText('after', NOTES)
    .action(async (given: string, flags: { to?: string; output?: string; idle?: boolean; json?: boolean }) => {
      const write = writerOf(flags.to, given)
      const recording = await readRecording(given)
      if (!hasCpuProfile(recording) && !WITHOUT_PROFILE.has(flags.to ?? '')) throw nothingToExport(recording)
      const instead = `holdup export ${quoteArgument(given)} --to ${flags.to} -o "$HOME/holdup-export/"`
      const files = await write({ recording, output: flags.output, instead, idle: flags.idle ?? false })
      if (files.length === 0) return
      if (flags.json) process.stdout.write(`${JSON.stringify({ format: flags.to, files }, null, 2)}\n`)
      else for (const file of files) process.stdout.write(`Written: ${file}\n`)
    })
}

async function exportFolded({ recording, idle, ...to }: Request): Promise<string[]> {
  return writeText(foldedStacks(busyGroups(recording, idle)), to, 'stacks.folded')
}

async function exportSpeedscope({ recording, idle, ...to }: Request): Promise<string[]> {
  const options = { name: recording.header.target.command, exporter: `holdup@${VERSION}`, idle }
  return writeText(speedscopeFile(threadProfiles(recording), options), to, 'profile.speedscope.json')
}

async function exportFirefox({ recording, idle, ...to }: Request): Promise<string[]> {
  const { target, startedAt, options: recorded } = recording.header
  const options = {
    name: target.command,
    exporter: `holdup ${VERSION}`,
    startedAt,
    intervalMs: recorded.cpuProfileMs ?? 1,
    idle,
  }
  return writeText(firefoxFile(threadProfiles(recording), options), to, 'profile.firefox.json')
}

async function exportZeroX({ recording, idle, ...to }: Request): Promise<string[]> {
  const profile = toZeroXProfile(busyGroups(recording, idle))
  const zeroX = loadZeroX(process.cwd())
  return writeFolder(to, beside(recording, '0x'), async (folder) => [
    await renderZeroX(zeroX, profile, folder, recording.header.target.command),
  ])
}

async function exportCpuProfiles({ recording, ...to }: Request): Promise<string[]> {
  // Where a report has them too.
  return writeFolder(to, beside(recording, 'stacks'), (folder) =>
    Array.from(threadProfiles(recording), (thread) => {
      const path = join(folder, cpuProfileName(thread))
      writeFileSync(path, JSON.stringify(thread.profile))
      return path
    }),
  )
}

/** CPU time and, by waiter, waits for locks: a file each, of what there is. */
async function exportPprof({ recording, idle, ...to }: Request): Promise<string[]> {
  const { startedAt, options } = recording.header
  // Of the window that the report judges.
  const { signals, window } = analyse(recording)
  const samples = lockSamples(signals.lockWait)
  const lastMs = recording.records.reduce((last, record) => ('t' in record ? Math.max(last, record.t) : last), 0)
  const files: [name: string, profile: Uint8Array][] = []
  if (hasCpuProfile(recording)) {
    const cpu = cpuSamples(busyGroups(recording, idle))
    files.push([
      'cpu.pb.gz',
      pprofProfile([['cpu', 'nanoseconds']], cpu, {
        startedAt,
        durationMs: lastMs,
        period: (options.cpuProfileMs ?? 0) * NS_PER_MS,
      }),
    ])
  }
  if (samples.length > 0)
    files.push(['locks.pb.gz', pprofProfile(LOCK_TYPES, samples, { startedAt, durationMs: window[1] - window[0] })])
  if (files.length === 0) throw nothingToExport(recording)
  return writeFolder(to, beside(recording, 'pprof'), (folder) =>
    files.map(([name, profile]) => {
      const path = join(folder, name)
      writeFileSync(path, gzipSync(profile))
      return path
    }),
  )
}

/** What clinic doctor would have collected of the main thread that worked most. */
async function exportClinicDoctor({ recording, ...to }: Request): Promise<string[]> {
  const samples = clinicSamples(recording)
  if (!samples) throw nothingToExport(recording)
  return writeFolder(to, dirname(recording.file), (folder) =>
    writeClinicFolder(folder, samples, recording.header.startedAt),
  )
}

/** For Perfetto: what each thread was doing, stalls, counters. */
async function exportTrace({ recording, ...to }: Request): Promise<string[]> {
  return writeText(traceFile(traceOf(recording)), to, 'trace.json')
}

/** The timelines, one value a line. */
async function exportCsv({ recording, ...to }: Request): Promise<string[]> {
  const { timelines } = analyse(recording)
  const lines = timelines.flatMap(({ id, unit, points }) =>
    points.map(([t, value]) => `${t / 1000},${id},${value},${unit}\n`),
  )
  return writeText(['seconds,series,value,unit\n', ...lines], to, 'timelines.csv')
}

function hasCpuProfile({ records }: Recording): boolean {
  return records.some(({ k }) => k === 'profile' || k === 'on-cpu')
}

function beside({ file }: Recording, folder: string): string {
  return join(dirname(file), folder)
}

function writerOf(format: string | undefined, recording: string): (typeof FORMATS)[string] {
  const write = NAMES.includes(format ?? '') ? FORMATS[format ?? ''] : undefined
  if (write) return write
  const instead = `holdup export ${quoteArgument(recording)} --to speedscope`
  if (format === undefined) {
    throw new HoldupError('option-missing', { verb: 'export', option: '--to', allowed: NAMES, instead })
  }
  throw new HoldupError('bad-option-value', { option: '--to', given: format, allowed: NAMES, instead })
}

/** The trees of the groups that did something. Throws HoldupError `export-nothing` when none did. */
function busyGroups(recording: Recording, idle: boolean): GroupTree[] {
  const groups = groupTrees(threadProfiles(recording), idle).filter(({ tree }) => tree.total > 0)
  if (groups.length > 0) return groups
  throw new HoldupError('export-nothing', {
    path: recording.file,
    reason: 'its threads were idle in every sample',
    instead: `holdup export ${quoteArgument(recording.file)} --to folded --idle`,
  })
}

function nothingToExport({ file, header, records }: Recording): HoldupError {
  const why = (): string => {
    if (header.options.cpuProfileMs === null) return 'it was recorded with --cpu-profile off'
    if (!records.some(({ k }) => k === 'node'))
      return 'no Node process reported in it, and of native code perf gave no sample'
    return 'it ends before the first piece of the profile, two seconds long, was had'
  }
  return new HoldupError('export-nothing', { path: file, reason: why() })
}
