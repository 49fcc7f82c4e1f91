import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { HoldupError } from '../errors.ts'
import { readRequestsFile } from '../load/requests-file.ts'
import { packageFile } from '../package-file.ts'
import type { Report } from '../report/model.ts'
import type { Design } from './demo-designs.ts'
import { freePort } from './free-port.ts'
import { makeOutputFolder } from './output-folder.ts'
import { interrupted } from './record-run.ts'
import type { RecordOptions } from './record-options.ts'
import { record } from './record.ts'
import { PROBES_OF_A_LAUNCH } from './recording.ts'
import { DEFAULT_MAX_SIZE } from './values.ts'
import { writeReport } from './write-report.ts'

const FIXTURES = packageFile('fixtures/node/')
const WARMUP_MS = 2000

/** What is done to the service while it is recorded: one load, or steps of connections. */
export type Drive = Partial<Pick<RecordOptions, 'load' | 'steps'>>

/** What every query of the demo asks for: the words that a load or a step needs. */
export async function queries(): Promise<{ paths: string[] }> {
  return { paths: await readRequestsFile(join(FIXTURES, 'corpus', 'queries.txt')) }
}

/** Launches one design, drives it, and reports into the folder; `stopped`: somebody asked holdup to end. */
export async function recordDesign(
  { command }: Design,
  folder: string,
  storePort: string,
  drive: (url: string) => Drive,
): Promise<{ report: Report; stopped: boolean }> {
  const port = await freePort()
  const recorded = await record({
    of: {
      command,
      env: { ...process.env, PORT: String(port), STORE_PORT: storePort },
      // The demo's own lines are what counts.
      stdout: 'ignore',
    },
    folder: makeOutputFolder(folder, [], new Date()),
    quiet: !isatty(2),
    durationMs: null,
    warmupMs: WARMUP_MS,
    cpuProfileMs: 5,
    maxBytes: DEFAULT_MAX_SIZE,
    reportEveryMs: null,
    probes: PROBES_OF_A_LAUNCH,
    load: null,
    onPort: null,
    ...drive(`http://127.0.0.1:${port}/search?q=tree`),
  })
  return { report: await writeReport(recorded.path, folder), stopped: interrupted(recorded) }
}

/** The document store that the service fetches from: another service, so it's no part of the target. */
export async function startStore(): Promise<{ stop(): void; port: string }> {
  const file = join(FIXTURES, 'lib', 'store.mjs')
  if (!existsSync(file)) throw new HoldupError('command-not-found', { command: file })
  // It ends with us, however we end.
  const store = spawn(process.execPath, [file, '--until-stdin-closes'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  for await (const chunk of store.stdout) {
    said += String(chunk)
    const port = /ready (\d+)/.exec(said)?.[1]
    if (port) return { stop: () => store.stdin.end(), port }
  }
  throw new HoldupError('internal', { reason: 'the document store of the demo ended before it was ready' })
}
