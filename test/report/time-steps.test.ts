import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { reportOn } from '../../src/cli/write-report.ts'
import { readRecording } from '../../src/recording/read.ts'
import type { PackedTree, Report } from '../../src/report/model.ts'
import { shareOfStep, threadTimeWithin, treeWithin } from '../../src/report/time-steps.ts'
import { ROOT } from '../support/cli.ts'

/** What ran less may have run in one half alone. */
const SECOND_MS = 1000
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)
const selfOf = ([, self, , children]: PackedTree): number => self + sum(children.map(selfOf))

test.each([
  [0, 1],
  [2, 0.5],
  [3, 0],
  [9, 0],
])('of step %d lies %d in the stretch', (step, share) => {
  expect(shareOfStep({ from: 1000, stepMs: 500, count: 10 }, step, [0.5, 2.25])).toBe(share)
})

describe.each(['mutex-pool', 'thread-per-query', 'async'])('a real report of %s', (name) => {
  let report: Report
  beforeAll(async () => {
    report = reportOn(await readRecording(join(ROOT, 'reports/examples', name))).report
  })

  test('thread time by step adds up to that of the window', () => {
    const within = threadTimeWithin(report, report.recording.window) ?? []
    const all = (groups: Report['threadTime'], state: keyof Report['threadTime'][number]['seconds']) =>
      sum(groups.map(({ seconds }) => seconds[state]))
    const total = sum(report.threadTime.flatMap(({ seconds }) => Object.values(seconds)))
    const byStep = sum(within.flatMap(({ seconds }) => Object.values(seconds)))
    expect(Math.abs(byStep - total) / total).toBeLessThan(0.01)
    // What threads did that no two sweeps saw is spread step by step.
    for (const state of ['onCpu', 'runnable', 'lockWait', 'idleWait', 'ioWait'] as const)
      expect(Math.abs(all(within, state) - all(report.threadTime, state)) / total).toBeLessThan(0.03)
  })

  test('halves of the window add up to the whole, in thread time and flamegraphs', () => {
    const [from, to] = report.recording.window
    const middle = (from + to) / 2
    for (const flame of report.flames.filter(({ kind, root }) => kind === 'cpu' && root[2] > SECOND_MS)) {
      const halves = [treeWithin(flame, report.steps, [from, middle]), treeWithin(flame, report.steps, [middle, to])]
      const whole = treeWithin(flame, report.steps, [0, to + 1])
      expect(halves.every((half) => (half?.[2] ?? 0) > 0)).toBe(true)
      expect((whole?.[2] ?? 0) / flame.root[2]).toBeCloseTo(1, 2)
      expect(whole?.[2]).toBeCloseTo(selfOf(whole ?? [0, 0, 0, []]), 6)
      expect(sum(halves.map((half) => half?.[2] ?? 0)) / flame.root[2]).toBeCloseTo(1, 1)
    }
  })
})
