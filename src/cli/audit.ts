import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { EXAMPLE } from '../audit/config.ts'
import { type Audit, isBroken, type ScenarioResult } from '../audit/judge.ts'
import { auditJson } from '../audit/json.ts'
import { renderJunit } from '../audit/junit.ts'
import { renderAuditMarkdown } from '../audit/markdown.ts'
import { readConfig } from '../audit/read-config.ts'
import { renderSarif } from '../audit/sarif.ts'
import { renderAuditTerminal } from '../audit/terminal.ts'
import { writeError } from '../recording/write-error.ts'
import { auditScenario, requireBaselines } from './audit-scenario.ts'
import { makeOutputFolder } from './output-folder.ts'
import { terminalOf } from './show-report.ts'
import { VERSION } from './version.ts'

interface AuditFlags {
  output?: string
  junit?: string
  sarif?: string
  markdown?: string
  json?: boolean
  updateBaseline?: boolean
  example?: boolean
  quiet?: boolean
}

/** Exit code of a shell for a process that Ctrl-C ended. */
const INTERRUPTED = 130

/** `holdup audit [config]` */
export function addAudit(program: Command): void {
  program
    .command('audit')
    .summary('run scenarios against budgets, for CI')
    .description(
      'Runs the scenarios of holdup.config.json and holds them to their budgets. A scenario that is near a limit runs again; its medians count.',
    )
    .argument('[config]', 'default: holdup.config.json, .js or .mjs')
    .option('-o, --output <dir>', 'folder for the reports (default: reports/audit-<time>)')
    .option('--junit <file>', 'JUnit XML')
    .option('--sarif <file>', 'SARIF 2.1.0, findings with their place in the code')
    .option('--markdown <file>', 'Markdown; a GitHub step summary gets it anyway')
    .option('--json', 'the result as JSON on stdout')
    .option('--update-baseline', 'run each scenario as often as `repeat` says and keep that as the baseline')
    .option('--example', 'print a configuration to begin with')
    .option('--quiet', 'say nothing while it runs')
    .addHelpText(
      'after',
      '\nExit: 0 all budgets held · 1 one is broken · 2 wrong configuration, not started, or our error.',
    )
    .action(async (given: string | undefined, flags: AuditFlags) => {
      if (flags.example) process.stdout.write(EXAMPLE)
      else process.exitCode = await audit(given, flags)
    })
}

async function audit(given: string | undefined, flags: AuditFlags): Promise<number> {
  const { config, file, lines } = await readConfig(given)
  const updateBaseline = flags.updateBaseline ?? false
  if (!updateBaseline) requireBaselines(config, file)
  const folder = makeOutputFolder(flags.output, ['audit'], new Date())
  const quiet = (flags.quiet ?? false) || (flags.json ?? false)
  const scenarios: ScenarioResult[] = []
  for (const name of Object.keys(config.scenarios)) {
    const result = await auditScenario(config, name, { folder, updateBaseline, quiet })
    if (!result) return INTERRUPTED
    scenarios.push(result)
  }
  const done: Audit = { config: file, scenarios, lines }
  writeOutputs(done, folder, flags)
  if (flags.json) process.stdout.write(`${JSON.stringify(auditJson(done), null, 2)}\n`)
  else process.stdout.write(renderAuditTerminal(done, terminalOf(process.stdout)))
  return isBroken(done) ? 1 : 0
}

function writeOutputs(done: Audit, folder: string, { junit, sarif, markdown }: AuditFlags): void {
  const text = renderAuditMarkdown(done)
  write(join(folder, 'audit.md'), text)
  if (markdown !== undefined) write(markdown, text)
  if (junit !== undefined) write(junit, renderJunit(done))
  if (sarif !== undefined) write(sarif, renderSarif(done, { root: process.cwd(), version: VERSION }))
  // https://docs.github.com/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary
  const summary = process.env['GITHUB_STEP_SUMMARY']
  if (summary) write(summary, text, appendFileSync)
}

function write(path: string, text: string, how: (path: string, text: string) => void = writeFileSync): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    how(path, text)
  } catch (error) {
    throw writeError(path, error, `ls -ld ${dirname(path)}`)
  }
}
