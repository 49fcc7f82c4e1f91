import { describe, expect, test } from 'vitest'
import { holds, isNear, limitOf, parseBudget, quantity } from '../../src/audit/budget.ts'
import { asyncDesign, mutexPool } from '../support/article-reports.ts'

function budget(text: string) {
  const parsed = parseBudget(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed
}

test.each([
  ['signals.http.latencyMs.p99 < 100ms', 100],
  ['signals.http.latencyMs.p99 <= 0.1 s', 100],
  ['signals.http.latencyMs.p99<250us', 0.25],
  ['signals.memory.rssPeakBytes < 500MB', 500e6],
  ['signals.memory.rssPeakBytes < 1GiB', 2 ** 30],
  ['signals.gc.share < 5%', 0.05],
  ['signals.gc.pauseSeconds < 200ms', 0.2],
  ['signals.gc.pauseSeconds < 2', 2],
  ['signals.cpu.cores ≤ 1.5', 1.5],
  ['rows.cpu-per-request < 5ms', 5],
  ['findings.critical == 0', 0],
  ['recording.window.1 > 4', 4],
])('%s is a limit of %d', (text, limit) => {
  expect(limitOf(budget(text), null)).toBeCloseTo(limit, 9)
})

test.each([
  ['signals.cpu.cores <= baseline', 2, 2],
  ['signals.cpu.cores <= baseline + 10%', 2, 2.2],
  ['signals.cpu.cores >= baseline - 25 %', 2, 1.5],
  ['signals.http.latencyMs.p99 < baseline + 20ms', 100, 120],
  ['signals.memory.rssPeakBytes < baseline+5MB', 1e6, 6e6],
])('%s, of %d, is a limit of %d', (text, baseline, limit) => {
  expect(limitOf(budget(text), baseline)).toBeCloseTo(limit, 9)
  expect(limitOf(budget(text), null)).toBeNull()
})

test.each([
  ['p99', 'is no budget'],
  ['signals.htp.latencyMs.p99 < 1', 'signals has no htp, but cpu, cgroup, memory'],
  ['signals.http.latencyMs < 100ms', 'is no number; it holds mean, stddev, p50'],
  ['signals.http.latencyMs.p99 < 100MB', 'it is in us, µs, ms, s, not in "MB"'],
  ['signals.cpu.cores < 2ms', 'a number without a unit, not in "ms"'],
  ['signals.cpu.cores < soon', '"soon" is no number, nor the baseline'],
  ['rows.cpu < 2', 'rows.cpu: the rows are latency-stddev'],
  ['findings.Critical = 0', 'findings are counted by critical, warning, info'],
  ['findings.critcal = 0', 'did you mean critical?'],
  ['findings.globalmutex = 0', 'did you mean global-mutex?'],
  ['target.command = 0', 'target.command is no number'],
  ['signals.toString < 1', 'signals has no toString'],
  ['__proto__.x < 1', 'a report has no __proto__'],
])('%s: %s', (text, problem) => {
  const parsed = parseBudget(text)
  expect('problem' in parsed && parsed.problem).toContain(problem)
})

test.each([
  ['signals.cpu.cores < 2', 1.99, 2, true],
  ['signals.cpu.cores < 2', 2, 2, false],
  ['signals.cpu.cores <= 2', 2, 2, true],
  ['signals.cpu.cores > 2', 2, 2, false],
  ['signals.cpu.cores >= 2', 2, 2, true],
  ['findings.critical = 0', 0, 0, true],
  ['findings.critical = 0', 1, 0, false],
])('%s, of %d with a limit of %d: %s', (text, value, limit, held) => {
  expect(holds(budget(text), value, limit)).toBe(held)
})

test.each([
  ['signals.cpu.cores < 2', 2.4, true],
  ['signals.cpu.cores < 2', 2.41, false],
  ['signals.cpu.cores < 2', 1.6, true],
  ['signals.cpu.cores < 2', 1.59, false],
  ['findings.critical = 0', 1, true],
  ['findings.critical = 0', 2, false],
  ['findings.critical = 0', 0.5, true],
  ['findings.critical = 0', 0, false],
  ['signals.http.errors = 0', 0, false],
  ['signals.http.errors = 0', 1, true],
  ['signals.http.errors = 0', 3, false],
])('%s, of %d: another run could say otherwise: %s', (text, value, near) => {
  expect(isNear(budget(text), value, text.endsWith('2') ? 2 : 0, 0.2)).toBe(near)
})

describe('reads a report', () => {
  test.each([
    ['signals.http.latencyMs.p99 < 1s', '287 ms'],
    ['signals.memory.rssPeakBytes < 1GB', '640 MB'],
    ['findings.critical = 0', '1'],
    ['findings.global-mutex = 0', '1'],
    ['findings.oversubscription = 0', '0'],
    ['signals.gc.share < 5%', '1.2 %'],
    ['signals.threads.lifetimeMs.p50 < 1s', 'not measured'],
    ['locks.0.waitSeconds < 1', '3.1 s'],
    ['locks.7.waitSeconds < 1', 'not measured'],
  ])('%s: %s', (text, said) => {
    expect(quantity(budget(text), budget(text).measure.read(mutexPool))).toBe(said)
  })

  test('one without a verdict has measured none', () => {
    const results = mutexPool.results.map((result) => ({
      ...result,
      status: 'not-applicable' as const,
      missing: ['load'],
      findings: [],
    }))
    const silent = { ...mutexPool, results }
    for (const text of ['findings.critical = 0', 'findings.global-mutex = 0', 'findings.oversubscription = 0'])
      expect(budget(text).measure.read(silent), text).toBeNull()
  })

  test('a finding that another explains has been judged', () => {
    const results = mutexPool.results.map((result) =>
      result.id === 'oversubscription'
        ? { ...result, status: 'not-applicable' as const, missing: ['explained by global-mutex'] }
        : result,
    )
    expect(budget('findings.oversubscription = 0').measure.read({ ...mutexPool, results })).toBe(0)
  })

  test('a healthy one has no critical finding', () => {
    expect(budget('findings.critical = 0').measure.read(asyncDesign)).toBe(0)
  })
})
