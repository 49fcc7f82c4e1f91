/** An audit as SARIF 2.1.0, which code hosts show beside the code: findings where they are, budgets where they are written. */
import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { splitFrame } from '../report/frame.ts'
import type { ReportFinding } from '../report/model.ts'
import { plainText } from '../report/plain-text.ts'
import { rankedFindings, type RankedFinding } from '../report/ranked-findings.ts'
import type { Audit, BudgetResult } from './judge.ts'
import { resultText } from './words.ts'

const LEVELS = { critical: 'error', warning: 'warning', info: 'note' } as const
const BUDGET_RULE = 'budget'

interface Options {
  /** The folder whose files are named as those of the repository. */
  root: string
  version: string
}

/** The log as JSON. Results: every finding of each scenario's last run, and every budget that is broken. */
export function renderSarif(audit: Audit, options: Options): string {
  const findings = audit.scenarios.flatMap(({ name, runs }) =>
    rankedFindings(runs.at(-1)?.results ?? []).map((finding) => findingResult(name, finding, options)),
  )
  const budgets = audit.scenarios.flatMap(({ name, results }) =>
    results.filter(({ status }) => status !== 'held').map((result) => budgetResult(name, result, audit, options)),
  )
  const titles = new Map(
    audit.scenarios.flatMap(({ runs }) =>
      rankedFindings(runs.at(-1)?.results ?? []).map(({ id, title }) => [id, title]),
    ),
  )
  const rules = [...titles].map(([id, title]) => ({
    id,
    shortDescription: { text: title },
    help: { text: `holdup explain ${id}` },
  }))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'holdup',
            version: options.version,
            rules: [
              ...rules,
              { id: BUDGET_RULE, shortDescription: { text: 'A budget of holdup.config.json is broken' } },
            ],
          },
        },
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(options.root).href}/` } },
        results: [...budgets, ...findings],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function findingResult(
  scenario: string,
  { id, severity, summary, advice, where }: RankedFinding,
  { root }: Options,
): object {
  const place = placeOf(where, root)
  return {
    ruleId: id,
    level: LEVELS[severity],
    message: { text: plainText(`${scenario}: ${summary} ${advice}`, 2000) },
    ...(place && { locations: [location(place)] }),
    partialFingerprints: { 'holdup/v1': `${scenario}/${id}` },
  }
}

function budgetResult(scenario: string, result: BudgetResult, { config, lines }: Audit, { root }: Options): object {
  const uri = inRoot(config, root)
  const line = lines.get(result.budget.text) ?? 1
  return {
    ruleId: BUDGET_RULE,
    level: 'error',
    message: { text: plainText(`${scenario}: ${resultText(result)}`, 2000) },
    ...(uri !== null && { locations: [location({ uri, line })] }),
    partialFingerprints: { 'holdup/v1': `${scenario}/${result.budget.text}` },
  }
}

interface CodePlace {
  uri: string
  line: number
  column?: number
}

function location({ uri, line, column }: CodePlace): object {
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: 'SRCROOT' },
      region: { startLine: line, ...(column !== undefined && { startColumn: column }) },
    },
  }
}

/** The first frame, from the leaf, of the first stack that is in a file of the repository; null where none is. */
function placeOf(where: ReportFinding['where'], root: string): CodePlace | null {
  for (const { stack } of where)
    for (const frame of stack) {
      const [, path, line, column] = /^(.*?):(\d+)(?::(\d+))?$/.exec(pathIn(frame)) ?? []
      const uri = path === undefined || /[/\\]node_modules[/\\]/.test(path) ? null : inRoot(path, root)
      if (uri !== null && Number(line) >= 1)
        return { uri, line: Number(line), ...(Number(column) >= 1 && { column: Number(column) }) }
    }
  return null
}

/** Of an ES module it stands in an URL. */
function pathIn(frame: string): string {
  const { place } = splitFrame(frame)
  try {
    return frame.includes('(file://') ? decodeURIComponent(place) : place
  } catch {
    return place
  }
}

/** The path as an URI that is relative to the root; null for what is not below it, and for a bare name. */
function inRoot(path: string, root: string): string | null {
  if (!isAbsolute(path)) return null
  const inside = relative(root, path)
  return inside === '' || inside.startsWith('..') || isAbsolute(inside)
    ? null
    : inside.split(sep).map(encodeURIComponent).join('/')
}
