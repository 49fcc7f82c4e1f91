import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { renderTerminal } from '../../src/report/terminal.ts'
import { asyncDesign, hostile, mutexPool, threadPerQuery, unjudgeable } from '../support/article-reports.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

const reports = {
  'mutex-pool': mutexPool,
  'thread-per-query': threadPerQuery,
  async: asyncDesign,
  unjudgeable: unjudgeable,
}
const plain = { colour: false, columns: 80 }
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)))

test.each(Object.entries(reports))('%s reads as before', async (name, report) => {
  await expect(renderTerminal(report, plain)).toMatchFileSnapshot(`../golden/terminal-${name}.txt`)
})

test('colour changes nothing but colour', () => {
  const coloured = renderTerminal(mutexPool, { colour: true, columns: 80 })
  expect(coloured).toContain('\u001b[31m')
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderTerminal(mutexPool, plain))
})

test.each([0, 40, 72, 80, 200, Infinity])('keeps to 80 columns on a terminal of %d', (columns) => {
  for (const report of Object.values(reports)) {
    expect(widest(renderTerminal(report, { colour: true, columns }))).toBeLessThanOrEqual(80)
  }
})

test('a healthy service gets a short report that says so first', () => {
  const lines = renderTerminal(asyncDesign, plain).split('\n')
  expect(lines[3]).toMatch(/^Nothing at warning or over/)
  expect(lines.length).toBeLessThan(30)
})

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%s', (_, name) => {
    const text = renderTerminal(hostile(name), plain)
    expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}|\p{Cs}/u)
    expect(widest(text)).toBeLessThanOrEqual(80)
    expect(text.length).toBeLessThan(20_000)
  })
})
