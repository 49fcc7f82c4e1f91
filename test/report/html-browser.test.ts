import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import { renderProfileHtml } from '../../src/report/html/profile.ts'
import { renderHtml } from '../../src/report/html/render.ts'
import { profilePage } from '../../src/report/profile.ts'
import { FoldedReader } from '../../src/stacks/read/folded.ts'
import { asyncDesign, hostile, mutexPool, unjudgeable } from '../support/article-reports.ts'
import { scale } from '../support/signals.ts'
import { CHROMIUM, startBrowser, type Browser } from './chromium.ts'

const IMAGE = '<img src=x onerror="document.title=1">'

describe.skipIf(CHROMIUM === null)('HTML report in a browser (needs chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-html-'))
  let browser: Browser
  beforeAll(async () => {
    await bundleApp()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  /** Opens a report, asks it the questions, and tells what the browser complained about. */
  async function ask(report: Parameters<typeof renderHtml>[0], questions: Record<string, string>, width = 1280) {
    const file = join(folder, 'report.html')
    writeFileSync(file, renderHtml(report))
    const page = await browser.open(file, { width })
    // What follows a resize is drawn in the next frame.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    const answers: Record<string, unknown> = {}
    for (const [name, question] of Object.entries(questions)) answers[name] = await page.evaluate(question)
    await page.close()
    return { ...answers, complaints: page.complaints } as Record<string, unknown>
  }

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
        charts: 'document.querySelectorAll("canvas").length',
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
    const page = await browser.open(file, { width })
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
    const seen = await Promise.all(
      [
        'document.querySelectorAll("section").length',
        '[...document.querySelectorAll(".d3-flame-graph-label")].map(({ textContent }) => textContent).toSorted().join()',
        'document.querySelector(".hottest tbody tr").textContent',
        'document.querySelectorAll("img").length',
        'document.documentElement.scrollWidth',
      ].map((question) => page.evaluate(question)),
    )
    await page.close()
    expect(seen).toEqual([1, `${IMAGE},all,main,work`, `${IMAGE}3071.4 %`, 0, width])
    expect(page.complaints).toEqual([])
  })

  test('names that are markup stay text, in the flamegraph too', async () => {
    const answers = await ask(hostile(IMAGE), {
      title: 'document.title',
      images: 'document.querySelectorAll("img").length',
      label: 'document.querySelector(".flame .d3-flame-graph-label").textContent',
      tip: 'document.querySelector(".flame title").textContent.includes("<img")',
    })
    expect(answers).toEqual({ title: `holdup: ${IMAGE}`, images: 0, label: IMAGE, tip: true, complaints: [] })
  })

  test('the flamegraph is searched, zoomed and walked by keys', async () => {
    const press = (key: string) =>
      `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", bubbles: true }))`
    const details = 'document.querySelector(".details").textContent'
    const answers = await ask(mutexPool, {
      found: `{
        const search = document.querySelector("input[type=search]")
        search.value = "rank (index"
        search.dispatchEvent(new Event("input"))
        ${details}
      }`,
      root: `document.querySelector(".flame [tabindex='0']").focus(); ${details}`,
      below: `${press('ArrowDown')}; ${press('ArrowDown')}; ${details}`,
      zoomed: `${press('Enter')}; document.querySelectorAll(".flame .fade").length`,
      group: `{
        const groups = document.querySelector("select")
        groups.value = "1"
        groups.dispatchEvent(new Event("change"))
        document.querySelector(".flame .d3-flame-graph-label").textContent
      }`,
    })
    expect(answers).toEqual({
      found: '1 frames, 97.9 % of the time',
      root: 'query-worker: 7.76 s, 100 % (itself 0 ms)',
      below: 'search (query-worker.mjs:44:18): 7.76 s, 100 % (itself 0 ms)',
      zoomed: 2,
      group: 'main',
      complaints: [],
    })
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
