import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import { renderProfileHtml } from '../../src/report/html/profile.ts'
import { renderHtml } from '../../src/report/html/render.ts'
import type { Report } from '../../src/report/model.ts'
import { profilePage } from '../../src/report/profile.ts'
import { FoldedReader } from '../../src/stacks/read/folded.ts'
import { asyncDesign, hostile, mutexPool, unjudgeable } from '../support/article-reports.ts'
import { scale } from '../support/signals.ts'
import { askReport } from './ask-report.ts'
import { CHROMIUM } from './chromium.ts'
import { pageFaults } from './page-faults.ts'
import { useBrowser } from './use-browser.ts'

const IMAGE = '<img src=x onerror="document.title=1">'

describe.skipIf(CHROMIUM === null)('HTML report in a browser (needs chromium)', () => {
  beforeAll(bundleApp)
  const chromium = useBrowser()
  const { folder } = chromium

  const ask = (...of: [report: Report, questions: Record<string, string>, width?: number]) =>
    askReport(chromium.browser, folder, ...of)

  test.each([
    [1280, mutexPool],
    [420, mutexPool],
    [1280, asyncDesign],
    [1280, unjudgeable],
  ])('%d wide: draws without complaint, and nothing sticks out', async (width, report) => {
    const answers = await ask(
      report,
      {
        verdict: 'document.querySelector("h1").textContent',
        charts: 'document.querySelectorAll(".timelines canvas").length',
        widest: 'document.documentElement.scrollWidth',
      },
      width,
    )
    expect(answers).toEqual({ verdict: report.summary, charts: report.timelines.length, widest: width, complaints: [] })
  })

  test.each([1280, 420])('%d wide: what holdup scale found, as a chart and a table', async (width) => {
    const lock = { pid: 10, slot: '64:0', name: 'mutex waited for in lock (mutex.mjs:20)', bound: 260 }
    const limit = { kind: 'lock' as const, summary: 'One lock limits, with cores idle.', n: 64, lock }
    const answers = await ask(
      { ...mutexPool, timelines: [], scale: scale({ limit }) },
      {
        lead: 'document.querySelector("#scale .lead").textContent',
        charts: 'document.querySelectorAll("#scale canvas").length',
        rows: 'document.querySelectorAll("#scale .scroll tbody tr").length',
        law: 'document.querySelector("#scale dl").textContent.includes("260 requests/s")',
        widest: 'document.documentElement.scrollWidth',
      },
      width,
    )
    expect(answers).toEqual({ lead: limit.summary, charts: 1, rows: 7, law: true, widest: width, complaints: [] })
  })

  test.each([1280, 420])('%d wide: a profile file is its flamegraph alone', async (width) => {
    const file = join(folder, 'profile.html')
    const reader = new FoldedReader()
    for (const line of [`main;${IMAGE} 30`, 'main;work 12']) reader.line(line)
    const generated = { at: '2026-11-23T15:00:00Z', holdup: '0.1.0' }
    writeFileSync(file, renderProfileHtml(profilePage('a.folded', reader.end(), generated)))
    const page = await chromium.browser.open(file, { width })
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    const seen = await Promise.all(
      [
        'document.querySelectorAll("section").length',
        '[...document.querySelectorAll(".flame canvas")].map((canvas) => canvas.getAttribute("aria-label")).join()',
        'document.querySelector(".hottest tbody tr").textContent',
        'document.querySelectorAll("img").length',
        'document.documentElement.scrollWidth',
      ].map((question) => page.evaluate(question)),
    )
    await page.close()
    expect(seen).toEqual([1, expect.stringMatching(/^Flamegraph .*: arrow keys walk/), `${IMAGE}3071.4 %`, 0, width])
    expect(page.complaints).toEqual([])
  })

  test('a finding has its page, its lock and its timeline', async () => {
    const results = mutexPool.results.map((result) => ({
      ...result,
      findings: result.findings.map((finding) =>
        result.id === 'global-mutex' ? { ...finding, locks: ['L2'] } : finding,
      ),
    }))
    const answers = await ask(
      { ...mutexPool, results },
      {
        folded: 'document.querySelectorAll("#F1 .explain h4").length',
        page: `{
        document.querySelector("#F1 .explain summary").click()
        new Promise((done) => setTimeout(() => done([...document.querySelectorAll("#F1 .explain h4")].map(({ textContent }) => textContent).slice(0, 2).join()), 50))
      }`,
        timeline: 'document.querySelector("#F1 .about a[href^=\'#timeline\']").getAttribute("href")',
        shown: 'document.querySelector("#timeline-held-up figcaption span").textContent',
        named: 'document.querySelector("#timeline-held-up a").getAttribute("href")',
        lock: `document.querySelector("#F1 .about a[href='#locks']").click(); document.querySelector(".lock-panel .handle").textContent`,
      },
    )
    expect(answers).toEqual({
      folded: 0,
      page: 'What it flags,Why it hurts',
      timeline: '#timeline-held-up',
      shown: 'Threads held up by locks',
      named: '#F1',
      lock: 'L2',
      complaints: [],
    })
  })

  test('names that are markup stay text, in the flamegraph too', async () => {
    const answers = await ask(hostile(IMAGE), {
      title: 'document.title',
      images: 'document.querySelectorAll("img").length',
      pointedAt: `document.querySelector("#flames .flame canvas").focus(); document.querySelector("#flames .details").textContent`,
    })
    expect(answers).toEqual({
      title: `holdup: ${IMAGE}`,
      images: 0,
      pointedAt: expect.stringContaining(IMAGE),
      complaints: [],
    })
  })

  test('axe finds nothing, on a wide screen and on a narrow dark one', async () => {
    const file = join(folder, 'axe.html')
    writeFileSync(file, renderHtml(mutexPool))
    expect(await pageFaults(chromium.browser, file)).toEqual([])
  })

  test('a zoom in one timeline is in all', async () => {
    const drag = `{
      const over = document.querySelector(".u-over")
      const { left, top, width } = over.getBoundingClientRect()
      const mouse = (type, share) => over.dispatchEvent(new MouseEvent(type, { bubbles: true, movementX: 1, clientX: left + width * share, clientY: top + 20, button: 0 }))
      mouse("mousemove", 0.2); mouse("mousedown", 0.2); mouse("mousemove", 0.6); mouse("mouseup", 0.6)
      new Promise((done) => setTimeout(() => done(document.querySelector(".range").textContent), 100))
    }`
    const { range } = await ask(mutexPool, { range: drag })
    expect(range).toMatch(/^[12][.\d]*–[56][.\d]* s$/)
  })
})
