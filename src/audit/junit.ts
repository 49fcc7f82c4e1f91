/** An audit as JUnit XML, which CI servers read: a suite a scenario, a case a budget. */
import { hostname } from 'node:os'
import { isFault, rankedFindings } from '../report/ranked-findings.ts'
import { plainText } from '../report/plain-text.ts'
import type { Audit, BudgetResult, ScenarioResult } from './judge.ts'
import { resultText } from './words.ts'

/**
 * Valid by both schemas in use: Jenkins' (junit-10.xsd) and Ant's (JUnit.xsd of windyroad/JUnit-Schema, which asks for every
 * attribute here and for both outputs).
 */
export function renderJunit({ scenarios }: Audit): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${scenarios.map(suite).join('')}</testsuites>\n`
}

function suite({ name, results, runs, seconds, startedAt }: ScenarioResult, id: number): string {
  const broken = results.filter(({ status }) => status === 'broken').length
  const unmeasured = results.filter(({ status }) => status === 'unmeasured').length
  const attributes = attributesOf({
    name,
    package: 'holdup',
    id,
    tests: results.length,
    failures: broken,
    errors: unmeasured,
    skipped: 0,
    time: seconds.toFixed(3),
    timestamp: startedAt.toISOString().replace(/\..*/, ''),
    hostname: hostname(),
  })
  const faults = rankedFindings(runs.at(-1)?.results ?? []).filter(isFault)
  const said = faults.map(({ id: detector, severity, summary }) => `${severity} ${detector}: ${summary}`).join('\n')
  const cases = results.map((result) => testCase(name, result, seconds / results.length))
  return ` <testsuite ${attributes}>
  <properties/>
${cases.join('')}  <system-out>${escapeXml(said)}</system-out>
  <system-err/>
 </testsuite>
`
}

function testCase(scenario: string, result: BudgetResult, seconds: number): string {
  const attributes = attributesOf({
    name: result.budget.text,
    classname: `holdup.${scenario}`,
    time: seconds.toFixed(3),
  })
  if (result.status === 'held') return `  <testcase ${attributes}/>\n`
  const element = result.status === 'broken' ? 'failure' : 'error'
  const message = resultText(result)
  return `  <testcase ${attributes}>
   <${element} ${attributesOf({ message, type: 'budget' })}>${escapeXml(message)}</${element}>
  </testcase>
`
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(' ')
}

/** Text without what XML 1.0 cannot hold, escaped. */
function escapeXml(text: string): string {
  const lines = text.split('\n').map((line) => plainText(line, 1000))
  return lines
    .join('\n')
    .replace(/[<>&"']|[\ufffe\uffff]/g, (character) => (character >= '\ufffe' ? '' : `&#${character.charCodeAt(0)};`))
}
