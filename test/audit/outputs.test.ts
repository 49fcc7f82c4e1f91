import { readFileSync } from 'node:fs'
import AjvDraft04 from 'ajv-draft-04'
import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { renderJunit } from '../../src/audit/junit.ts'
import { renderAuditMarkdown } from '../../src/audit/markdown.ts'
import { renderSarif } from '../../src/audit/sarif.ts'
import { renderAuditTerminal } from '../../src/audit/terminal.ts'
import { hostile, mutexPool } from '../support/article-reports.ts'
import { HOSTILE_NAMES } from '../report/hostile-names.ts'
import { auditOf } from './audits.ts'

const schema = (name: string) => readFileSync(new URL(`schemas/${name}`, import.meta.url), 'utf8')
const sarifSchema = JSON.parse(schema('sarif-schema-2.1.0.json')) as object
const isSarif = new AjvDraft04.default({ strict: false, allErrors: true, validateFormats: false }).compile(sarifSchema)
const sarifOf = (audit: ReturnType<typeof auditOf>) => renderSarif(audit, { root: '/srv/app', version: '0.1.0' })

/** As valid by both schemas. */
async function expectJunit(xml: string): Promise<void> {
  for (const name of ['junit-10.xsd', 'JUnit.xsd']) {
    const { errors } = await validateXML({
      xml: [{ fileName: 'audit.xml', contents: xml }],
      schema: [{ fileName: name, contents: schema(name) }],
    })
    expect(errors).toEqual([])
  }
}

/** The findings of the mutex pool, in a file of the repository. */
const placed = {
  ...mutexPool,
  results: mutexPool.results.map((result) => ({
    ...result,
    findings: result.findings.map((finding) => ({
      ...finding,
      where: [
        {
          role: 'waiters',
          stack: [
            'wait (node:internal/atomics:1:2)',
            'lock (/srv/app/node_modules/m/index.js:3:4)',
            'search (file:///srv/app/src/my%20search.js:45:9)',
          ],
        },
      ],
    })),
  })),
}

test('JUnit is valid', () => expectJunit(renderJunit(auditOf())))

test('JUnit: a budget held, one broken, one that was not measured', () => {
  const xml = renderJunit(auditOf())
  expect(xml).toContain('tests="3" failures="1" errors="1"')
  expect(xml).toContain('findings.critical is 1; the budget is = 0')
  expect(xml).toContain('signals.gc.share was not measured')
})

test('SARIF is valid', () => {
  isSarif(JSON.parse(sarifOf(auditOf(placed))))
  expect(isSarif.errors ?? []).toEqual([])
})

test('SARIF: findings where they are in the code, budgets where they are written', () => {
  const { runs } = JSON.parse(sarifOf(auditOf(placed))) as { runs: { results: unknown[] }[] }
  const place = (uri: string, region: object) => ({
    locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: 'SRCROOT' }, region } }],
  })
  expect(runs[0]?.results).toMatchObject([
    { ruleId: 'budget', level: 'error', ...place('holdup.config.json', { startLine: 12 }) },
    { ruleId: 'budget' },
    { ruleId: 'global-mutex', level: 'error', ...place('src/my%20search.js', { startLine: 45, startColumn: 9 }) },
    { ruleId: 'oversubscription', level: 'note' },
  ])
})

test('a finding whose code is elsewhere has no location', () => {
  const { runs } = JSON.parse(sarifOf(auditOf())) as { runs: { results: { ruleId: string }[] }[] }
  expect(runs[0]?.results.find(({ ruleId }) => ruleId === 'global-mutex')).not.toHaveProperty('locations')
})

test('reads as before', async () => {
  await expect(renderAuditTerminal(auditOf(), { colour: false, columns: 80 })).toMatchFileSnapshot(
    '../golden/audit.txt',
  )
  await expect(renderAuditMarkdown(auditOf())).toMatchFileSnapshot('../golden/audit.md')
})

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%s', async (_, name) => {
    const audit = auditOf(hostile(name), name)
    await expectJunit(renderJunit(audit))
    isSarif(JSON.parse(sarifOf(audit)))
    expect(isSarif.errors ?? []).toEqual([])
    expect(renderAuditTerminal(audit, { colour: false, columns: 80 })).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
    expect(
      renderAuditMarkdown(audit)
        .split('\n')
        .filter((line) => /^#+ /.test(line)),
    ).toHaveLength(2)
  })
})
