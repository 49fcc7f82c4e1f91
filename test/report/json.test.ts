import { expect, it } from 'vitest'
import { renderJson } from '../../src/report/json.ts'
import { asyncDesign, mutexPool } from '../support/article-reports.ts'

it.each([
  ['with flamegraphs', mutexPool],
  ['of a healthy service', asyncDesign],
  ['without any', { ...mutexPool, flames: [] }],
])('is the report %s, indented but for its flamegraphs', (_, report) => {
  const text = renderJson(report)
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report)))
  expect(text).toMatch(/^\{\n {2}"schema": /)
  expect(text.split('\n').filter((line) => line.startsWith('    {"name":'))).toHaveLength(report.flames.length)
})
