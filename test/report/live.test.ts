import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { sparkline } from '../../src/report/sparkline.ts'
import { liveLine, liveScreen, type LiveState } from '../../src/report/terminal/live.ts'
import { createPage } from '../../src/report/terminal/page.ts'
import { asyncDesign, hostile, mutexPool } from '../support/article-reports.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

const STATE: LiveState = {
  clock: '14:15:02',
  sort: 'cost',
  frozen: false,
  recordingSeconds: null,
  message: '',
  over: false,
}
const page = createPage({ colour: false, columns: 80 })

test.each([
  ['mutex-pool', mutexPool],
  ['async', asyncDesign],
])('the screen of %s', async (name, report) => {
  await expect(`${liveScreen(page, report, STATE, 40)}\n`).toMatchFileSnapshot(`../golden/top-${name}.txt`)
})

test.each([8, 12, 24, 60])('%d rows are enough, and the keys are always there', (rows) => {
  const lines = liveScreen(page, mutexPool, STATE, rows).split('\n')
  expect(lines.length).toBeLessThanOrEqual(rows)
  expect(lines.at(-1)).toContain('q quit')
})

test('says that it is frozen, records, or is over', () => {
  const last = (state: Partial<LiveState>) =>
    liveScreen(page, mutexPool, { ...STATE, ...state }, 24)
      .split('\n')
      .at(-1)
  expect(last({ frozen: true })).toContain('frozen')
  expect(last({ recordingSeconds: 12 })).toContain('r report (12 s recorded)')
  expect(last({ over: true })).not.toContain('freeze')
})

test('one line for a log', () => {
  expect(liveLine(mutexPool, '14:15:02')).toMatch(/^14:15:02 {2}[\d,]+ req\/s · p99 .* · One lock holds up/)
})

test('one line, whatever is said in it', () => {
  const line = liveLine({ ...mutexPool, summary: 'a\u001b[2Jb\nc' }, '14:15:02')
  expect(line).not.toMatch(/[\u0000-\u001f]/)
})

test.each(HOSTILE_NAMES)('hostile name: %s', (_, name) => {
  const text = liveScreen(page, hostile(name), STATE, 60)
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066]/)
  for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80)
})

describe('sparkline', () => {
  test('from 0 to the highest', () => expect(sparkline([0, 1, 2, 4, 7, 8], 10)).toBe('▁▂▃▅██'))
  test('a block for each of several values', () => expect(sparkline([0, 0, 8, 8], 2)).toBe('▁█'))
  test('nothing happened', () => expect(sparkline([0, 0], 10)).toBe('▁▁'))
  test('nothing at all', () => expect(sparkline([], 10)).toBe(''))
})
