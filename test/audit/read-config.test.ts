import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { configJsonSchema } from '../../scripts/bundle.mjs'
import { configSchema, EXAMPLE } from '../../src/audit/config.ts'
import { readConfig } from '../../src/audit/read-config.ts'
import type { HoldupError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/cli.ts'

function written(text: string, name = 'holdup.config.json'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, text)
  return file
}

const wrong = async (text: string, name?: string) => {
  const file = written(text, name)
  const error = (await readConfig(file).catch((thrown: unknown) => thrown)) as HoldupError
  return `${error.what.replaceAll(file, 'FILE')} | ${error.why}`
}
const scenario = (inside: string) => `{\n  "scenarios": {\n    "search": {\n      ${inside}\n    }\n  }\n}\n`

describe('a mistake is told with its place', () => {
  test.each([
    ['no JSON', '{\n  "scenarios": {,\n}', 'FILE:2:17: the configuration cannot be read'],
    ['cut off', '{ "scenarios": {', 'FILE:1:16: the configuration cannot be read | Unexpected "{"'],
    ['empty', '', 'FILE'],
    ['a list', '[]', 'FILE:1:1: scenarios is wrong | it is missing'],
    ['no scenario', '{ "scenarios": {} }', 'FILE:1:3: scenarios is wrong | there is none'],
    ['no scenarios', '{}', 'FILE:1:1: scenarios is wrong | it is missing'],
    ['unknown setting', '{\n  "scenario": {}\n}', 'scenario'],
    ['no command', scenario('"duration": "5s"'), 'scenarios.search.command is wrong | it is missing'],
    [
      'a number for a text',
      scenario('"command": 3'),
      'FILE:4:18: scenarios.search.command is wrong | it is 3, not a string',
    ],
    [
      'no duration',
      scenario('"command": "x", "duration": "soon"'),
      'FILE:4:35: scenarios.search.duration is wrong | it is no duration',
    ],
    [
      'no URL',
      scenario('"command": "x", "load": { "url": "localhost:3000" }'),
      'FILE:4:40: scenarios.search.load.url is wrong | it is neither a path',
    ],
    [
      'no whole number',
      scenario('"command": "x", "load": { "url": "/", "connections": 1.5 }'),
      'FILE:4:60: scenarios.search.load.connections is wrong | it is no whole number',
    ],
    [
      'a typing mistake',
      scenario('"command": "x", "laod": { "url": "/" }'),
      'FILE:4:23: scenarios.search.laod is wrong | there is no such setting',
    ],
    [
      'a wrong path',
      scenario(
        '"command": "x",\n      "budgets": ["findings.critical = 0",\n        "signals.htp.latencyMs.p99 < 1s"]',
      ),
      'FILE:6:9: scenarios.search.budgets.1 is wrong | signals.htp.latencyMs.p99: signals has no htp',
    ],
    [
      'a wrong unit',
      scenario('"command": "x", "budgets": ["signals.http.latencyMs.p99 < 1MB"]'),
      'FILE:4:35: scenarios.search.budgets.0 is wrong | "signals.http.latencyMs.p99 < 1MB": it is in us',
    ],
    ['a bad name', '{ "scenarios": { "../x": { "command": "y" } } }', 'scenarios.../x is wrong'],
  ])('%s', async (_, text, said) => {
    expect(await wrong(text)).toContain(said)
  })

  test('in JavaScript by its path', async () => {
    expect(
      await wrong('export default { scenarios: { a: { command: "x", warmup: 3 } } }', 'holdup.config.mjs'),
    ).toMatch(/scenarios\.a\.warmup is wrong \| it is 3, not a string$/)
    expect(await wrong('export default {', 'holdup.config.mjs')).toContain('the configuration cannot be read | ')
    expect(await wrong('export const x = 1', 'holdup.config.mjs')).toContain('it is missing')
  })

  test('none there', async () => {
    await expect(readConfig('/nowhere/holdup.config.json')).rejects.toMatchObject({ code: 'config-not-found' })
  })
})

test('the example is valid, by the published schema too; comments are taken', async () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(configJsonSchema(configSchema))
  validate(JSON.parse(EXAMPLE))
  expect(validate.errors ?? []).toEqual([])
  expect(validate({ scenarios: { a: { comand: 'x' } } })).toBe(false)
  const { config, lines } = await readConfig(written(`// ours\n${EXAMPLE}`))
  expect(config).toMatchObject({ repeat: 3, scenarios: { search: { warmup: '2s', env: {} } } })
  expect(lines.get('findings.critical = 0')).toBe(17)
})

test('a file in JavaScript can work it out', async () => {
  const { config } = await readConfig(
    written('const command = "node " + "x.js"\nexport default { scenarios: { a: { command } } }', 'holdup.config.mjs'),
  )
  expect(config.scenarios['a']?.command).toBe('node x.js')
})
