/** An audit as Markdown: a step summary, or a comment on a pull request. */
import { codeSpan, escapeMarkdown, markdownTable } from '../report/markdown/escape.ts'
import { isFault, rankedFindings } from '../report/ranked-findings.ts'
import { quantity } from './budget.ts'
import type { Audit, ScenarioResult } from './judge.ts'
import { verdictOf } from './words.ts'

const MARKS = { held: '✅ held', broken: '❌ broken', unmeasured: '❓ not measured' }

/** The audit as GitHub-flavoured Markdown. */
export function renderAuditMarkdown(audit: Audit): string {
  const sections = [['## holdup audit'], [`**${verdictOf(audit)}**`], ...audit.scenarios.flatMap(scenarioSections)]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function scenarioSections({ name, command, runs, results, notes }: ScenarioResult): string[][] {
  const rows = results.map(({ budget, value, limit, status }) => [
    MARKS[status],
    codeSpan(budget.text, { cell: true }),
    escapeMarkdown(quantity(budget, value)),
    limit === null ? '–' : escapeMarkdown(quantity(budget, limit)),
  ])
  const faults = rankedFindings(runs.at(-1)?.results ?? []).filter(isFault)
  const said = [
    ...faults.map(({ id, severity, summary }) => `- ${severity} ${codeSpan(id)}: ${escapeMarkdown(summary)}`),
    ...notes.map((note) => `- ${escapeMarkdown(note)}`),
  ]
  return [
    [`### ${codeSpan(name)}`],
    [`${codeSpan(command)}, ${runs.length === 1 ? 'one run' : `medians of ${runs.length} runs`}`],
    ...(rows.length === 0 ? [] : [markdownTable(['', 'budget', 'measured', 'limit'], rows, [2, 3])]),
    ...(said.length === 0 ? [] : [said]),
  ]
}
