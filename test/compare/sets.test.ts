import { describe, expect, test } from 'vitest'
import { renderSetMarkdown } from '../../src/compare/set-markdown.ts'
import { renderSetTerminal } from '../../src/compare/set-terminal.ts'
import { compareSets, type SetComparison } from '../../src/compare/sets.ts'
import type { Report } from '../../src/report/model.ts'
import { asyncDesign, mutexPool } from '../support/article-reports.ts'
import { noisyPairs } from './noise.ts'
import { notJudged } from '../support/report.ts'

const named = ({ before, after }: { before: Report[]; after: Report[] }): SetComparison =>
  compareSets({ name: 'before', reports: before }, { name: 'after', reports: after })
const claims = ({ rows }: SetComparison) =>
  rows.filter(({ verdict }) => !['no difference', 'too few runs'].includes(verdict)).map(({ id }) => id)
const verdictOf = ({ rows }: SetComparison, id: string) => rows.find((row) => row.id === id)?.verdict
const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value)
const plain = { colour: false, columns: 80 }

describe('a program against itself', () => {
  test.each([5, 7, 10])('shows a difference in at most one of 20 of 2,000 tables, %d pairs', (pairs) => {
    const tables = Array.from({ length: 2000 }, (_, seed) => claims(named(noisyPairs(seed, pairs))))
    const wrong = tables.filter((rows) => rows.length > 0)
    expect(wrong.length / tables.length).toBeLessThanOrEqual(0.05)
  })

  test('has findings neither gone nor new, though one that is at its limit comes and goes', () => {
    let wrong = 0
    for (let seed = 0; seed < 1000; seed++) {
      const { before, after } = noisyPairs(seed, 7)
      const flickers = (runs: Report[]) =>
        runs.map((run) => ((run.signals.memory?.rssPeakBytes ?? 0) > 160e6 ? mutexPool : run))
      const { findings } = named({ before: flickers(before), after: flickers(after) })
      if (findings.some(({ fate }) => fate === 'gone' || fate === 'new')) wrong++
    }
    expect(wrong / 1000).toBeLessThanOrEqual(0.05)
  })
})

describe('a tenth more CPU per request, 7 pairs', () => {
  const tables = Array.from({ length: 500 }, (_, seed) =>
    named(noisyPairs(seed, 7, { cpuFactor: 1.1, neighbours: false })),
  )

  test('is seen, where the machine is quiet', () => {
    const seen = tables.filter((table) => verdictOf(table, 'cpu-per-request') === 'worse')
    expect(seen.length / tables.length).toBeGreaterThanOrEqual(0.9)
  })

  test('leaves the other rows alone', () => {
    const others = tables.filter((table) => claims(table).some((id) => !id.startsWith('cpu-')))
    expect(others.length / tables.length).toBeLessThanOrEqual(0.05)
  })
})

test('fewer than five pairs claim nothing', () => {
  const four = named({ before: times(4, mutexPool), after: times(4, asyncDesign) })
  expect(new Set(four.rows.map(({ verdict }) => verdict))).toEqual(new Set(['too few runs']))
  expect(four.caveat).toMatch(/^Too few runs: 4 pairs, and 5 are needed/)
})

test('a row counts the pairs in which both runs measured it', () => {
  const unmeasured = { ...asyncDesign, signals: { ...asyncDesign.signals, gc: null } }
  const before = [...times(4, asyncDesign), ...times(3, unmeasured)]
  const comparison = named({ before, after: times(7, asyncDesign) })
  expect(comparison.rows.find(({ id }) => id === 'gc-share')).toMatchObject({ pairs: 4, verdict: 'too few runs' })
  expect(verdictOf(comparison, 'memory-peak')).toBe('no difference')
})

test('a sure change of less than 1 % is no difference', () => {
  const { memory } = asyncDesign.signals
  if (!memory) throw new Error('it measured memory')
  const larger = (factor: number): Report => ({
    ...asyncDesign,
    signals: { ...asyncDesign.signals, memory: { ...memory, rssPeakBytes: memory.rssPeakBytes * factor } },
  })
  const against = (factor: number) =>
    verdictOf(named({ before: times(7, asyncDesign), after: times(7, larger(factor)) }), 'memory-peak')
  expect(against(1.009)).toBe('no difference')
  expect(against(1.011)).toBe('worse')
})

test.each([
  [7, 0, 'gone'],
  [0, 7, 'new'],
  [7, 7, 'stayed'],
  [6, 5, 'stayed'],
  [4, 1, 'unclear'],
  [6, 0, 'gone'],
])('a finding in %d of 7 runs and then in %d is %s', (a, b, fate) => {
  const runs = (found: number) => [...times(found, mutexPool), ...times(7 - found, asyncDesign)]
  const { findings } = named({ before: runs(a), after: runs(b) })
  expect(findings).toMatchObject([{ id: 'global-mutex', before: { found: a }, after: { found: b }, fate }])
})

test('runs that could not judge a finding do not count for it', () => {
  const after = [...times(4, asyncDesign), ...times(3, notJudged(asyncDesign))]
  const { findings } = named({ before: times(7, mutexPool), after })
  expect(findings).toMatchObject([{ after: { found: 0, runs: 4 }, fate: 'gone' }])
  const blind = named({ before: times(7, mutexPool), after: times(7, notJudged(asyncDesign)) })
  expect(blind.findings).toMatchObject([{ after: { found: 0, runs: 0 }, fate: 'unclear' }])
})

test('seven pairs of two designs read as before', async () => {
  const comparison = named({
    before: times(7, mutexPool),
    after: noisyPairs(1, 7).after,
  })
  await expect(renderSetTerminal(comparison, plain)).toMatchFileSnapshot('../golden/compare-sets.txt')
  await expect(renderSetMarkdown(comparison)).toMatchFileSnapshot('../golden/compare-sets.md')
})
