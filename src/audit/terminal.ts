/** An audit on a terminal. */
import { rankedFindings, isFault } from '../report/ranked-findings.ts'
import { createPage, fit, wrap, type Page } from '../report/terminal/page.ts'
import { table } from '../report/terminal/table.ts'
import { quantity } from './budget.ts'
import { type Audit, type BudgetResult, isBroken, type ScenarioResult } from './judge.ts'
import { verdictOf } from './words.ts'

const BUDGET = 50
const MARKS = { held: '✓', broken: '✗', unmeasured: '?' }

/** The audit as text of at most 80 columns, ending in a line break. */
export function renderAuditTerminal(audit: Audit, options: { colour: boolean; columns: number }): string {
  const page = createPage(options)
  const ink = isBroken(audit) ? page.ink.red : page.ink.green
  const sections = [...audit.scenarios.map((scenario) => scenarioLines(page, scenario)), [ink(verdictOf(audit))]]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function scenarioLines(page: Page, { name, runs, results, folder, notes }: ScenarioResult): string[] {
  const times = runs.length === 1 ? '' : ` (medians of ${runs.length} runs)`
  const rows = results.map((result) => [
    mark(page, result),
    fit(result.budget.text, BUDGET),
    quantity(result.budget, result.value),
  ])
  const faults = rankedFindings(runs.at(-1)?.results ?? []).filter(isFault)
  return [
    page.ink.bold(fit(name, 60)) + page.ink.dim(times),
    ...(rows.length === 0 ? ['  no budgets'] : table(page, ['', 'budget', 'measured'], rows, [0, 1])),
    ...faults.flatMap(({ severity, summary }) =>
      wrap(`${severity}: ${summary}`, page.columns - 2).map((line) => `  ${line}`),
    ),
    ...notes.flatMap((note) => wrap(note, page.columns - 2).map((line) => page.ink.dim(`  ${line}`))),
    page.ink.dim(`  report: ${folder}/report.html`),
  ]
}

function mark({ ink }: Page, { status }: BudgetResult): string {
  return (status === 'held' ? ink.green : ink.red)(MARKS[status])
}
