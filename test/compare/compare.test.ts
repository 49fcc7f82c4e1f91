import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { compareReports } from '../../src/compare/compare.ts'
import { renderComparisonMarkdown } from '../../src/compare/markdown.ts'
import { renderComparisonTerminal } from '../../src/compare/terminal.ts'
import type { Report } from '../../src/report/model.ts'
import { asyncDesign, hostile, mutexPool, threadPerQuery, unjudgeable } from '../support/article-reports.ts'
import { notJudged } from '../support/report.ts'
import { HOSTILE_NAMES } from '../report/hostile-names.ts'

const mutex = { name: 'mutex-pool', report: mutexPool }
const three = compareReports([
  mutex,
  { name: 'thread-per-query', report: threadPerQuery },
  { name: 'async', report: asyncDesign },
])
const two = compareReports([mutex, { name: 'async', report: asyncDesign }])
const plain = { colour: false, columns: 80 }
const row = (comparison: typeof two, id: string) => comparison.rows.find((candidate) => candidate.id === id)

/** The async design with another latency deviation. */
const deviating = (stddev: number): Report => {
  const { http } = asyncDesign.signals
  if (!http) throw new Error('the report has no http')
  return {
    ...asyncDesign,
    signals: { ...asyncDesign.signals, http: { ...http, latencyMs: { ...http.latencyMs, stddev } } },
  }
}

test.each([
  ['three', three],
  ['two', two],
])('%s designs side by side read as before', async (name, comparison) => {
  await expect(renderComparisonTerminal(comparison, plain)).toMatchFileSnapshot(`../golden/compare-${name}.txt`)
  await expect(renderComparisonMarkdown(comparison)).toMatchFileSnapshot(`../golden/compare-${name}.md`)
})

describe('a row', () => {
  test.each([
    [100, 100, 'same'],
    [100, 105, 'same'],
    [100, 94.9, 'better'],
    [100, 105.1, 'worse'],
    [0, 0, 'same'],
    [0, 1, 'worse'],
    [0, 0.04, 'same'],
    [0.1, 0.14, 'same'],
  ])('from %d to %d is %s', (before, after, direction) => {
    const runs = [before, after].map((value) => ({ name: 'run', report: deviating(value) }))
    const [a, b] = runs
    if (!a || !b) throw new Error('two runs are compared')
    expect(row(compareReports([a, b]), 'latency-stddev')?.directions).toEqual([null, direction])
  })

  test('higher throughput is better, another CPU use is only a change', () => {
    expect(row(two, 'throughput')).toMatchObject({ values: [402, 905], directions: [null, 'better'] })
    expect(row(two, 'cpu-cores')).toMatchObject({ values: [1.09, 1.42], directions: [null, 'changed'] })
  })

  test('per request is by what was served', () => {
    expect(row(two, 'cpu-per-request')?.values[0]).toBeCloseTo(1090 / 402, 5)
    expect(row(two, 'switches-per-request')?.values[1]).toBeCloseTo(2280 / 905, 5)
  })

  test('what was not measured is no number, and a row that nobody measured is left out', () => {
    expect(row(three, 'gc-share')).toMatchObject({ values: [0.012, null, 0.012], directions: [null, null, 'same'] })
    const nothing = compareReports([
      { name: 'a', report: unjudgeable },
      { name: 'b', report: unjudgeable },
    ])
    expect(nothing.rows).toEqual([])
  })
})

test('of runs of different lengths neither is called better for what it created in all', () => {
  const { recording, signals } = threadPerQuery
  const [from, to] = recording.window
  const created = (signals.threads?.created ?? 0) * 3
  const longer = {
    ...threadPerQuery,
    recording: { ...recording, window: [from, from + (to - from) * 3] as [number, number] },
    signals: { ...signals, threads: signals.threads && { ...signals.threads, created } },
  }
  const comparison = compareReports([
    { name: 'a', report: threadPerQuery },
    { name: 'b', report: longer },
  ])
  expect(comparison.rows.find(({ id }) => id === 'threads-created')?.directions).toEqual([null, 'changed'])
})

test('findings go, come and stay', () => {
  const fates = (a: Report, b: Report) =>
    compareReports([
      { name: 'a', report: a },
      { name: 'b', report: b },
    ]).findings.map(({ id, fate }) => [id, fate])
  expect(fates(mutexPool, asyncDesign)).toEqual([['global-mutex', 'gone']])
  expect(fates(asyncDesign, mutexPool)).toEqual([['global-mutex', 'new']])
  expect(fates(mutexPool, mutexPool)).toEqual([['global-mutex', 'stayed']])
  expect(fates(asyncDesign, asyncDesign)).toEqual([])
  expect(three.findings.map(({ fate }) => fate)).toEqual([null, null, null])
})

test('what one of them could not judge is neither gone nor new', () => {
  const fates = (...reports: [Report, Report]) =>
    compareReports([
      { name: 'a', report: reports[0] },
      { name: 'b', report: reports[1] },
    ]).findings.map(({ id, fate }) => [id, fate])
  const blind = notJudged(asyncDesign)
  expect(fates(mutexPool, blind)).toEqual([['global-mutex', 'unclear']])
  expect(fates(blind, mutexPool)).toEqual([['global-mutex', 'unclear']])
})

test('one run each claims nothing', () => {
  expect(renderComparisonTerminal(two, plain)).toContain('can differ up to')
  expect(renderComparisonMarkdown(two)).toContain('can differ up to')
})

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%s', (_, name) => {
    const comparison = compareReports([
      { name, report: hostile(name) },
      { name: `${name}2`, report: hostile(name) },
      { name: 'async', report: asyncDesign },
    ])
    const text = renderComparisonTerminal(comparison, plain)
    expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80)
    expect(
      renderComparisonMarkdown(comparison)
        .split('\n')
        .filter((line) => line.startsWith('#')),
    ).toHaveLength(1)
  })
})
