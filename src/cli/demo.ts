import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isatty } from 'node:tty'
import type { Command } from 'commander'
import { compareReports } from '../compare/compare.ts'
import type { NamedReport } from '../compare/compare.ts'
import { renderComparisonMarkdown } from '../compare/markdown.ts'
import { renderComparisonTerminal } from '../compare/terminal.ts'
import { HoldupError } from '../errors.ts'
import { readRequestsFile } from '../load/requests-file.ts'
import { packageFile } from '../package-file.ts'
import type { Milliseconds } from '../units.ts'
import { freePort } from './free-port.ts'
import { makeOutputFolder } from './output-folder.ts'
import { besideTheArticle } from './article.ts'
import { ARTICLE, type Design, designsOf, NODE_DESIGNS } from './demo-designs.ts'
import { interrupted } from './record-run.ts'
import { record } from './record.ts'
import { PROBES_OF_A_LAUNCH } from './recording.ts'
import { terminalOf } from './show-report.ts'
import { DEFAULT_MAX_SIZE, parseCount, parseDuration } from './values.ts'
import { writeReport } from './write-report.ts'

const FIXTURES = packageFile('fixtures/node/')
const WARMUP_MS = 2000
/** Exit code of a shell for a process that Ctrl-C ended. */
const INTERRUPTED = 130

/** `holdup demo` */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('three designs of one search service, diagnosed')
    .description('Records a search service in three designs under the same load, and sets them side by side.')
    .argument('[name]', `article: the three in Rust, as the story had them; or only one of ${NODE_DESIGNS.join(', ')}`)
    .option('-d, --duration <time>', 'load on each design', parseDuration('--duration'), 15_000)
    .option('-c, --connections <n>', 'connections of the load', parseCount('--connections'), 32)
    .option('-o, --output <dir>', 'folder for the reports (default: reports/demo-<time>)')
    .action(
      async (name: string | undefined, flags: { duration: Milliseconds; connections: number; output?: string }) => {
        const designs = designsOf(name)
        const folder = makeOutputFolder(flags.output, ['demo'], new Date())
        const store = await startStore()
        const runs: NamedReport[] = []
        try {
          for (const design of designs) {
            const { report, stopped } = await recordDesign(design, join(folder, design.name), store.port, flags)
            runs.push({ name: design.name, report })
            if (!stopped) continue
            process.exitCode = INTERRUPTED
            break
          }
        } finally {
          store.stop()
        }
        tell(runs, folder)
        if (name === ARTICLE && runs.length === designs.length)
          process.stdout.write(`\n${besideTheArticle(runs.map(({ report }) => report))}`)
      },
    )
}

async function recordDesign(
  { name, command }: Design,
  folder: string,
  storePort: string,
  { duration, connections }: { duration: Milliseconds; connections: number },
): Promise<{ report: NamedReport['report']; stopped: boolean }> {
  process.stdout.write(`\n${name}: ${duration / 1000} s of load …\n`)
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
    load: {
      url: `http://127.0.0.1:${port}/search?q=tree`,
      connections,
      paths: await readRequestsFile(join(FIXTURES, 'corpus', 'queries.txt')),
      durationMs: duration,
    },
    onPort: null,
  })
  const report = await writeReport(recorded.path, folder)
  process.stdout.write(`${name}: ${report.summary}\n`)
  return { report, stopped: interrupted(recorded) }
}

/** The article's table, also as `comparison.md`, and where the reports are. */
function tell(runs: readonly NamedReport[], folder: string): void {
  const [first, second, ...others] = runs
  const files = runs.map(({ name }) => join(folder, name, 'report.html'))
  if (first && second) {
    const comparison = compareReports([first, second, ...others])
    files.push(join(folder, 'comparison.md'))
    writeFileSync(join(folder, 'comparison.md'), renderComparisonMarkdown(comparison))
    process.stdout.write(`\n${renderComparisonTerminal(comparison, terminalOf(process.stdout))}\n`)
  }
  process.stdout.write(`\nReports:\n${files.map((file) => `  ${relative(process.cwd(), file)}\n`).join('')}`)
}

/** The document store that the service fetches from: another service, so it's no part of the target. */
async function startStore(): Promise<{ stop(): void; port: string }> {
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
