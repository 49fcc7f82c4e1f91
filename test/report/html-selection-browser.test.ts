import { beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import { askReport } from './ask-report.ts'
import { CHROMIUM } from './chromium.ts'
import { inSteps } from './in-steps.ts'
import { useBrowser } from './use-browser.ts'

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
