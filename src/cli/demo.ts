import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { compareReports } from '../compare/compare.ts'
import type { NamedReport } from '../compare/compare.ts'
import { renderComparisonMarkdown } from '../compare/markdown.ts'
import { renderComparisonTerminal } from '../compare/terminal.ts'
import type { Milliseconds } from '../units.ts'
import { besideTheArticle } from './article.ts'
import { ARTICLE, type Design, designsOf, NODE_DESIGNS } from './demo-designs.ts'
import { queries, recordDesign, startStore } from './demo-record.ts'
import { thorough } from './demo-thorough.ts'
import { makeOutputFolder } from './output-folder.ts'
import { terminalOf } from './show-report.ts'
import { parseCount, parseDuration } from './values.ts'

/** Of the load on each design; `--thorough` has many runs of each. */
const DURATION_MS = { quick: 15_000, thorough: 8000 }
/** Exit code of a shell for a process that Ctrl-C ended. */
const INTERRUPTED = 130

interface DemoFlags {
  thorough?: boolean
  rounds: number
  duration?: Milliseconds
  connections: number
  output?: string
}

/** `holdup demo` */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('three designs of one search service, diagnosed')
    .description(
      'Records a search service in three designs under the same load, and sets them side by side: under 3 minutes. --thorough takes up to 20, and says which of the differences are sure.',
    )
    .argument('[name]', `article: the three in Rust, as the story had them; or only one of ${NODE_DESIGNS.join(', ')}`)
    .option('--thorough', 'each design so many times in turn, with a search for its capacity')
    .option('--rounds <n>', 'of --thorough', parseCount('--rounds'), 7)
    .option('-d, --duration <time>', 'load on each design (15s; --thorough: 8s)', parseDuration('--duration'))
    .option('-c, --connections <n>', 'connections of the load', parseCount('--connections'), 32)
    .option('-o, --output <dir>', 'folder for the reports (default: reports/demo-<time>)')
    .action(async (name: string | undefined, flags: DemoFlags) => {
      const designs = designsOf(name)
      const folder = makeOutputFolder(flags.output, ['demo'], new Date())
      const store = await startStore()
      try {
        const { connections, rounds } = flags
        const whole = flags.thorough
          ? await thorough(designs, {
              folder,
              storePort: store.port,
              rounds,
              connections,
              durationMs: flags.duration ?? DURATION_MS.thorough,
            })
          : await quick(designs, folder, store.port, {
              connections,
              durationMs: flags.duration ?? DURATION_MS.quick,
              article: name === ARTICLE,
            })
        if (!whole) process.exitCode = INTERRUPTED
      } finally {
        store.stop()
      }
    })
}

/** One run of each design; whether it came to its end. */
async function quick(
  designs: readonly Design[],
  folder: string,
  storePort: string,
  load: { connections: number; durationMs: Milliseconds; article: boolean },
): Promise<boolean> {
  const { connections, durationMs, article } = load
  const asked = await queries()
  const runs: NamedReport[] = []
  let whole = true
  for (const design of designs) {
    process.stdout.write(`\n${design.name}: ${durationMs / 1000} s of load …\n`)
    const { report, stopped } = await recordDesign(design, join(folder, design.name), storePort, (url) => ({
      load: { url, connections, durationMs, ...asked },
    }))
    process.stdout.write(`${design.name}: ${report.summary}\n`)
    runs.push({ name: design.name, report })
    whole = !stopped
    if (stopped) break
  }
  tell(runs, folder)
  if (article && whole) process.stdout.write(`\n${besideTheArticle(runs.map(({ report }) => report))}`)
  return whole
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
