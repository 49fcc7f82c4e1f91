import { TARGET_EXITED } from '../analysis/quality.ts'
import { HoldupError } from '../errors.ts'
import { readRequestsFile } from '../load/requests-file.ts'
import type { Milliseconds } from '../units.ts'
import { freePort } from './free-port.ts'
import { makeOutputFolder } from './output-folder.ts'
import type { RecordOptions } from './record-options.ts'
import { record, type Recorded } from './record.ts'
import { PROBES_OF_A_LAUNCH } from './recording.ts'
import { atTarget, DEFAULT_MAX_SIZE } from './values.ts'

/** Exit code of a shell. */
const NOT_FOUND = 127

/** One of the runs of an experiment: the same command and load each time. */
export interface Run {
  /** For `sh -c`, which becomes the program itself where it is only one. */
  command: string
  env?: NodeJS.ProcessEnv
  load: { url: string; connections: number; requestsFrom?: string } | null
  onPort?: string
  /** Asked until it answers, before the load; by default the load's own URL is. */
  ready?: { url: string; timeoutMs: Milliseconds }
  /** Of the load; without one, of the recording. */
  durationMs: Milliseconds | null
  warmupMs: Milliseconds
  cpuProfileMs: RecordOptions['cpuProfileMs']
  quiet: boolean
}

/**
 * Launches the command with a free `$PORT`, drives its load and records it.
 * @throws {HoldupError} what `record` throws; `run-ended-early` where the target ends before its load.
 */
export async function recordRun(run: Run, folder: string): Promise<Recorded> {
  const port = await freePort()
  const load = run.load && {
    url: atTarget(run.load.url),
    connections: run.load.connections,
    ...(run.ready && { ready: { url: atTarget(run.ready.url), timeoutMs: run.ready.timeoutMs } }),
    ...(run.load.requestsFrom !== undefined && { paths: await readRequestsFile(run.load.requestsFrom) }),
    ...(run.durationMs !== null && { durationMs: run.durationMs }),
  }
  const recorded = await record({
    of: {
      command: ['sh', '-c', run.command],
      env: { ...process.env, ...run.env, PORT: String(port) },
      stdout: 'stderr',
    },
    folder: makeOutputFolder(folder, [], new Date()),
    quiet: run.quiet,
    durationMs: load ? null : run.durationMs,
    warmupMs: run.warmupMs,
    cpuProfileMs: run.cpuProfileMs,
    maxBytes: DEFAULT_MAX_SIZE,
    reportEveryMs: null,
    probes: PROBES_OF_A_LAUNCH,
    load,
    onPort: run.onPort ?? null,
  })
  if (interrupted(recorded)) return recorded
  if (recorded.failure) throw recorded.failure
  if (recorded.reason !== TARGET_EXITED) return recorded
  const { command } = run
  if (load || run.onPort !== undefined)
    throw new HoldupError('run-ended-early', {
      command,
      reason: 'it exited while its load was still to come or running',
    })
  const { code, signal } = recorded.exit ?? { code: null, signal: null }
  if (code) throw new HoldupError('run-ended-early', { command, reason: exitedWith(code) })
  if (signal) throw new HoldupError('run-ended-early', { command, reason: `it was ended by ${signal}` })
  return recorded
}

function exitedWith(code: number): string {
  return `it exited with code ${code}${code === NOT_FOUND ? ', as a shell does for a command that is not there' : ''}`
}

/** Whether it ended because somebody asked holdup to end. */
export function interrupted({ reason }: Pick<Recorded, 'reason'>): boolean {
  return reason.startsWith('SIG')
}
