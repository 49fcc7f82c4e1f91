import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/cli/free-port.ts'
import { LoadDriver } from '../../src/load/load-driver.ts'
import { readRequestsFile } from '../../src/load/requests-file.ts'
import { waitForUrl } from '../../src/load/wait-for-url.ts'
import { readRecording } from '../../src/recording/read.ts'
import type { Recording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { type CliResult, ROOT, runCli, temporaryFolder } from './cli.ts'

/** The paths that every fixture is asked for. */
export const QUERIES = join(ROOT, 'fixtures/node/corpus/queries.txt')
const READY_MS = 60_000
/** The service is warm by then. */
const BEFORE_ATTACH_MS = 3000

/** What a fixture says should be found in it. */
export interface Expectation {
  expect: string[]
  allow: string[]
  mustNot: string[]
  /** Found as information, which is no fault. */
  informs?: string[]
  /** One of these, too: which one depends on how fast the machine is. */
  anyOf?: string[]
  pair: string
  load: { connections: number }
  /** The fault is weak, clear or severe by $INTENSITY. */
  hasDegrees?: boolean
  /** What differs where holdup attaches, for it sees less then. */
  attached?: Partial<Pick<Expectation, 'expect' | 'allow' | 'mustNot'>>
  /** What `holdup scale` finds besides; a fixture without it has none of its own. */
  scaled?: Partial<Pick<Expectation, 'expect' | 'allow' | 'mustNot'>>
  /** The same as root, for the kernel's own record tells what a holder does that no one else sees. */
  traced?: Partial<Pick<Expectation, 'expect' | 'allow' | 'mustNot'>>
}

export function expectationOf(name: string): Expectation {
  return JSON.parse(readFileSync(join(fixtureFolder(name), 'expect.json'), 'utf8')) as Expectation
}

/** Of a Node fixture by its name, of others by language and name: `idle-pool`, `cpp/idle-pool`. */
export function fixtureFolder(name: string): string {
  return join(ROOT, 'fixtures', name.includes('/') ? name : `node/${name}`)
}

/** One line of what a fixture measured itself: cumulative, at CLOCK_MONOTONIC `t_ns`. */
type Truth = Record<string, unknown> & { t_ns: number }

export interface FixtureRun {
  report: Report
  recording: Recording
  folder: string
  truth: Truth[]
  stderr: string
}

interface RecordFixtureOptions {
  seconds?: number
  connections?: number
  env?: NodeJS.ProcessEnv
  /** Of `--probes`, when attached. */
  probes?: string
  /** For what is written; by default one that is gone after the test. */
  folder?: string
}

/** Records a fixture under load with the built CLI. `HOLDUP_TEST_NODE` is the Node that runs it. */
export async function recordFixture(
  name: string,
  { seconds = 8, connections, env = {}, folder }: RecordFixtureOptions = {},
): Promise<FixtureRun> {
  const setup = await prepareFixture(name, env, folder)
  const load = ['--load', setup.url, '--requests-from', QUERIES]
  const width = ['-c', String(connections ?? expectationOf(name).load.connections)]
  const args = ['run', '--json', '-d', `${seconds + 3}s`, '--warmup', '3s', '-o', setup.folder, ...load, ...width]
  const result = await runCli([...args, '--', setup.runScript], { env: setup.env })
  return readRun(name, setup, result)
}

/** Steps up the load on a fixture with the built CLI. */
export async function scaleFixture(
  name: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<FixtureRun> {
  const setup = await prepareFixture(name, env)
  const load = ['--load', setup.url, '--requests-from', QUERIES]
  const result = await runCli(['scale', '--json', '-o', setup.folder, ...load, ...args, '--', setup.runScript], {
    env: setup.env,
  })
  return readRun(name, setup, result)
}

/** Starts a fixture and load on it, and records it by attaching. */
export async function attachFixture(
  name: string,
  { seconds = 8, connections, env = {}, probes, folder }: RecordFixtureOptions = {},
): Promise<FixtureRun> {
  const setup = await prepareFixture(name, env, folder)
  const server = spawn(setup.runScript, {
    env: { ...process.env, ...setup.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(server, 'exit')
  const load = new LoadDriver()
  try {
    await waitForUrl(setup.url, { timeoutMs: READY_MS, alive: () => server.exitCode === null })
    const paths = await readRequestsFile(QUERIES)
    await load.drive({ url: setup.url, connections: connections ?? expectationOf(name).load.connections, paths })
    await sleep(BEFORE_ATTACH_MS)
    const args = ['attach', String(server.pid), '--json', '-d', `${seconds}s`, '-o', setup.folder]
    if (probes !== undefined) args.push('--probes', probes)
    const result = await runCli(args)
    return await readRun(name, setup, result)
  } finally {
    await load.stop()
    server.kill('SIGTERM')
    await ended
  }
}

/** What a run of a fixture needs. */
interface FixtureSetup {
  folder: string
  url: string
  truthFile: string
  runScript: string
  env: NodeJS.ProcessEnv
}

async function prepareFixture(name: string, env: NodeJS.ProcessEnv, folder = temporaryFolder()): Promise<FixtureSetup> {
  const port = await freePort()
  const truthFile = join(folder, 'truth.ndjson')
  const node = process.env['HOLDUP_TEST_NODE'] ?? process.execPath
  return {
    folder,
    url: `http://127.0.0.1:${port}/search?q=tree`,
    truthFile,
    runScript: join(fixtureFolder(name), 'run.sh'),
    env: { PORT: String(port), TRUTH_FILE: truthFile, NODE: node, ...env },
  }
}

async function readRun(name: string, setup: FixtureSetup, result: CliResult): Promise<FixtureRun> {
  if (result.code !== 0)
    throw new Error(`recording ${name} ended with ${result.code}: ${result.stderr}${result.stdout.slice(0, 500)}`)
  const truth = readFileSync(setup.truthFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Truth)
  return {
    report: JSON.parse(result.stdout) as Report,
    recording: await readRecording(join(setup.folder, 'recording.ndjson.gz')),
    folder: setup.folder,
    truth,
    stderr: result.stderr,
  }
}

/** Growth of a cumulative truth over the report's window, straight between the two nearest lines. */
export function truthInWindow(
  { report, recording, truth }: Pick<FixtureRun, 'report' | 'recording' | 'truth'>,
  field: string,
): number {
  const at = (ms: number): number => {
    const ns = (recording.header.monotonicMs + ms) * 1e6
    const after = truth.findIndex((line) => line.t_ns >= ns)
    const [a, b] = after <= 0 ? [truth.at(-1), truth.at(-1)] : [truth[after - 1], truth[after]]
    if (!a || !b) throw new Error('the fixture wrote no truth')
    const share = b.t_ns === a.t_ns ? 0 : (ns - a.t_ns) / (b.t_ns - a.t_ns)
    return Number(a[field]) + share * (Number(b[field]) - Number(a[field]))
  }
  const [from, to] = report.recording.window
  return at(to * 1000) - at(from * 1000)
}

/** Ids found at warning or over. */
export function faultsIn(report: Report): string[] {
  return report.results
    .filter(({ findings }) => findings.some(({ severity }) => severity !== 'info'))
    .map(({ id }) => id)
}

/** Ids found at all. */
export function foundIn(report: Report): string[] {
  return report.results.filter(({ status }) => status === 'found').map(({ id }) => id)
}
