import { expect, test } from 'vitest'
import { articleHeld } from '../../src/cli/article-held.ts'
import type { Report } from '../../src/report/model.ts'
import { noisyPairs } from '../compare/noise.ts'

const { before, after } = noisyPairs(1, 7, { neighbours: false })
const withMemory = (report: Report, factor: number): Report => ({
  ...report,
  signals: {
    ...report.signals,
    memory: report.signals.memory && {
      ...report.signals.memory,
      rssPeakBytes: factor * report.signals.memory.rssPeakBytes,
    },
  },
})
const line = (text: string, row: string) => text.split('\n').find((each) => each.trim().startsWith(row)) ?? ''
const set = (name: string, reports: readonly Report[]) => ({ name, reports })

test('a row that fell as the article had it holds, one that rose does not, one that did neither is not called', () => {
  const halved = articleHeld(
    set('a', before),
    set(
      'b',
      after.map((report) => withMemory(report, 0.5)),
    ),
  )
  expect(halved).toMatch(/^From a to b: the article's direction/)
  expect(line(halved, 'memory')).toMatch(/6 GB +3.5 GB .+ yes, −\d+ % \(/)
  const doubled = articleHeld(
    set('a', before),
    set(
      'b',
      after.map((report) => withMemory(report, 2)),
    ),
  )
  expect(line(doubled, 'memory')).toMatch(/ no, \+\d+ % \(/)
  expect(line(doubled, 'CPU a request')).toContain('no difference')
})

test('too few runs are said to be', () => {
  const text = articleHeld(set('a', before.slice(0, 3)), set('b', after.slice(0, 3)))
  expect(line(text, 'memory')).toContain('too few runs')
})
