import { beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import type { Report } from '../../src/report/model.ts'
import { mutexPool } from '../support/article-reports.ts'
import { askReport } from './ask-report.ts'
import { CHROMIUM } from './chromium.ts'
import { useBrowser } from './use-browser.ts'

/** Ten steps of a second: the workers wait for the lock in the first five, compute in the others. */
const inSteps: Report = {
  ...mutexPool,
  steps: { from: 0, stepMs: 1000, count: 10 },
  threadTimeSteps: [
    {
      group: 'query-worker',
      seconds: { lockWait: [16, 16, 16, 16, 16, 0, 0, 0, 0, 0], onCpu: [0, 0, 0, 0, 0, 16, 16, 16, 16, 16] },
    },
  ],
  // Of the first flamegraph the nodes are the root, ON_MESSAGE, SEARCH, RANK, score and LOCK.
  flames: mutexPool.flames.map((flame, i) =>
    i === 0
      ? {
          ...flame,
          steps: [
            [1, [5, 40]],
            [8, [3, 900, 4, 100]],
          ],
        }
      : flame,
  ),
}

const drag = (from: number, to: number) => `{
  const over = document.querySelector(".timelines .u-over")
  const { left, top, width } = over.getBoundingClientRect()
  const mouse = (type, share) => over.dispatchEvent(new MouseEvent(type, { bubbles: true, movementX: 1, clientX: left + width * share, clientY: top + 20, button: 0 }))
  mouse("mousemove", ${from}); mouse("mousedown", ${from}); mouse("mousemove", ${to}); mouse("mouseup", ${to})
  new Promise((done) => setTimeout(() => done(document.querySelector(".range").textContent), 100))
}`
const row = '[...document.querySelectorAll(".thread-time tbody tr")].map(({ textContent }) => textContent).join()'
const flame = `{
  const canvas = document.querySelector("#flames .flame canvas")
  canvas.focus()
  document.querySelector("#flames .details").textContent
}`

describe.skipIf(CHROMIUM === null)('a stretch of time that is picked (needs chromium)', () => {
  beforeAll(bundleApp)
  const chromium = useBrowser()
  const { folder } = chromium

  test('filters thread time and flamegraphs, and can be taken back', async () => {
    const { range, late, ...answers } = await askReport(chromium.browser, folder, inSteps, {
      areas: 'document.querySelectorAll("#threads .areas canvas").length',
      range: drag(0.6, 0.9),
      late: row,
      lateFlame: flame,
      lead: 'document.querySelector("#threads .lead").textContent.includes("From 6")',
      back: `[...document.querySelectorAll("#timelines button")][0].click(); new Promise((done) => setTimeout(() => done(${row}.includes("14.20")), 100))`,
      backFlame: flame,
    })
    expect(range).toMatch(/^[56][.\d]*–[89][.\d]* s$/)
    expect(late).toMatch(/^query-worker×16.*16\.00.*16\.00$/)
    expect(answers).toEqual({
      areas: 1,
      lateFlame: expect.stringMatching(/^query-worker: 1 s, 100 %|^query-worker: \d+ ms/),
      lead: true,
      back: true,
      backFlame: 'query-worker: 7.76 s, 100 % (itself 0 ms)',
      complaints: [],
    })
  })

  test('what is not known by time stays whole, and says so', async () => {
    const answers = await askReport(chromium.browser, folder, inSteps, {
      range: drag(0.6, 0.9),
      other: `{
        const groups = document.querySelector("#flames select")
        groups.value = "1"
        groups.dispatchEvent(new Event("change"))
        document.querySelector("#flames .lead").textContent
      }`,
    })
    expect(answers['other']).toBe('Of all that was judged: this one is not known by time.')
  })
})
