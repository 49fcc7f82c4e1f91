import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../src/cli/free-port.ts'
import { readRecording } from '../../src/recording/read.ts'
import type { Recording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { ROOT, runCli, temporaryFolder } from './cli.ts'

const FIXTURES = join(ROOT, 'fixtures/node')

/** What a fixture says should be found in it. */
export interface Expectation {
  expect: string[]
  allow: string[]
  mustNot: string[]
  pair: string
  load: { connections: number }
}

export function expectationOf(name: string): Expectation {
  return JSON.parse(readFileSync(join(FIXTURES, name, 'expect.json'), 'utf8')) as Expectation
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

/** Records a fixture under load with the built CLI. `HOLDUP_TEST_NODE` is the Node that runs it. */
export async function recordFixture(
  name: string,
  { seconds = 8, connections, env = {} }: { seconds?: number; connections?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<FixtureRun> {
  const folder = temporaryFolder()
  const port = await freePort()
  const truthFile = join(folder, 'truth.ndjson')
  const load = [
    '--load',
    `http://127.0.0.1:${port}/search?q=tree`,
    '--requests-from',
    join(FIXTURES, 'corpus/queries.txt'),
  ]
  const width = ['-c', String(connections ?? expectationOf(name).load.connections)]
  const args = ['run', '--json', '-d', `${seconds + 3}s`, '--warmup', '3s', '-o', folder, ...load, ...width]
  const fixtureEnv = {
    PORT: String(port),
    TRUTH_FILE: truthFile,
    NODE: process.env['HOLDUP_TEST_NODE'] ?? process.execPath,
    ...env,
  }
  const result = await runCli([...args, '--', join(FIXTURES, name, 'run.sh')], { env: fixtureEnv })
  if (result.code !== 0)
    throw new Error(`holdup run ${name} ended with ${result.code}: ${result.stderr}${result.stdout.slice(0, 500)}`)
  const recording = await readRecording(join(folder, 'recording.ndjson.gz'))
  const truth = readFileSync(truthFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Truth)
  return {
    report: JSON.parse(result.stdout) as Report,
    recording,
    folder,
    truth,
    stderr: result.stderr,
  }
}

/** Growth of a cumulative truth over the report's window, straight between the two nearest lines. */
export function truthInWindow({ report, recording, truth }: FixtureRun, field: string): number {
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
