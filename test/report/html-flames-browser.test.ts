import { beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import { mutexPool } from '../support/article-reports.ts'
import { askReport } from './ask-report.ts'
import { CHROMIUM } from './chromium.ts'
import { useBrowser } from './use-browser.ts'

const press = (key: string) =>
  `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", bubbles: true }))`
const focus = 'document.querySelector("#flames .flame canvas").focus()'
const details = 'document.querySelector("#flames .details").textContent'
const click = (label: string) =>
  `[...document.querySelectorAll("#flames button")].find(({ textContent }) => textContent === "${label}").click()`
/** What is drawn. */
const drawn = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  done(document.querySelector("#flames .flame canvas").toDataURL()))))`

describe.skipIf(CHROMIUM === null)('flamegraphs of the report (needs chromium)', () => {
  beforeAll(bundleApp)
  const chromium = useBrowser()
  const { folder } = chromium

  test('are searched, zoomed and walked by keys', async () => {
    const answers = await askReport(chromium.browser, folder, mutexPool, {
      whole: drawn,
      found: `{
        const search = document.querySelector("input[type=search]")
        search.value = "rank (index"
        search.dispatchEvent(new Event("input"))
        ${details}
      }`,
      marked: drawn,
      root: `${focus}; ${details}`,
      below: `${press('ArrowDown')}; ${press('ArrowDown')}; ${press('ArrowDown')}; ${details}`,
      beside: `${press('ArrowRight')}; ${details}`,
      zoomed: `${press('Enter')}; ${drawn}`,
      again: `${press('Escape')}; ${press('ArrowLeft')}; ${drawn}`,
      group: `{
        const groups = document.querySelector("select")
        groups.value = "1"
        groups.dispatchEvent(new Event("change"))
        document.querySelector("#flames .flame canvas").getAttribute("aria-label")
      }`,
    })
    const { whole, marked, zoomed, again, ...said } = answers
    expect(said).toEqual({
      found: '1 frames, 97.9 % of the time',
      root: 'query-worker: 7.76 s, 100 % (itself 0 ms)',
      below: 'rank (index.mjs:88:9): 7.6 s, 97.9 % (itself 6.9 s)',
      beside: 'acquire (mutex.mjs:31:13): 160 ms, 2.06 % (itself 160 ms)',
      group: expect.stringContaining('CPU: main'),
      complaints: [],
    })
    expect(new Set([whole, marked, zoomed, again]).size).toBe(4)
  })

  test('are pointed at, and turned over and inside out', async () => {
    const point = (type: string, y: number) =>
      `{ const canvas = document.querySelector("#flames .flame canvas")
         const { left, top, height } = canvas.getBoundingClientRect()
         canvas.dispatchEvent(new MouseEvent("${type}", { bubbles: true, clientX: left + 50, clientY: top + (${y} < 0 ? height : 0) + ${y} }))
         ${details} }`
    const answers = await askReport(chromium.browser, folder, mutexPool, {
      top: point('mousemove', 5),
      below: point('mousemove', 65),
      turned: `${click('Upside down')}; ${point('mousemove', -5)}`,
      upwards: `${focus}; ${press('ArrowUp')}; ${details}`,
      callers: `${click('Callers')}; ${focus}; ${press('ArrowUp')}; ${details}`,
      whoCalled: `${press('ArrowUp')}; ${details}`,
    })
    expect(answers).toEqual({
      top: 'query-worker: 7.76 s, 100 % (itself 0 ms)',
      below: 'rank (index.mjs:88:9): 7.6 s, 97.9 % (itself 6.9 s)',
      turned: 'query-worker: 7.76 s, 100 % (itself 0 ms)',
      upwards: 'MessagePort.<anonymous> (query-worker.mjs:12:3): 7.76 s, 100 % (itself 0 ms)',
      callers: 'rank (index.mjs:88:9): 6.9 s, 88.9 % (itself 0 ms)',
      whoCalled: 'search (query-worker.mjs:44:18): 6.9 s, 88.9 % (itself 0 ms)',
      complaints: [],
    })
  })

  test('are put together where there are CPU and waits', async () => {
    const [first, ...others] = mutexPool.flames
    const waits = { ...first, name: 'Waits for locks', kind: 'lock-wait' } as typeof first
    const flames = [first, waits, ...others].filter((flame) => flame !== undefined)
    const answers = await askReport(
      chromium.browser,
      folder,
      { ...mutexPool, flames },
      {
        name: `{
        const flames = document.querySelector("#flames select")
        flames.value = String(flames.options.length - 1)
        flames.dispatchEvent(new Event("change"))
        flames.selectedOptions[0].textContent
      }`,
        root: `${focus}; ${details}`,
        cpu: `${press('ArrowDown')}; ${details}`,
        waits: `${press('ArrowRight')}; ${details}`,
        group: `${press('ArrowLeft')}; ${press('ArrowDown')}; ${details}`,
      },
    )
    expect(answers).toEqual({
      name: 'Wall clock without idle time, 21.5 s',
      root: 'all threads: 21.5 s, 100 % (itself 0 ms)',
      cpu: '(on CPU): 13.8 s, 63.9 % (itself 0 ms)',
      group: 'query-worker: 7.76 s, 36.1 % (itself 0 ms)',
      waits: '(waits for locks): 7.76 s, 36.1 % (itself 0 ms)',
      complaints: [],
    })
  })

  test('of each lock: who waited, who held it', async () => {
    const panes = '[...document.querySelectorAll(".lock-panel h4")].map(({ textContent }) => textContent).join()'
    const labels = 'document.querySelectorAll(".lock-panel canvas").length'
    const answers = await askReport(chromium.browser, folder, mutexPool, {
      title: 'document.querySelector(".lock-panel h3").textContent',
      panes,
      labels,
      deepest: `{
        const canvas = document.querySelector(".lock-panel canvas")
        canvas.focus()
        ${[1, 2, 3].map(() => press('ArrowDown')).join(';')}
        document.querySelector(".lock-panel .details").textContent
      }`,
      other: `document.querySelectorAll("#locks .pick")[1].click(); ${panes}`,
    })
    expect(answers).toEqual({
      title: 'L1Atomics.wait in acquire (mutex.mjs:31:13)',
      panes: 'Who waited, 114 s,Who held it',
      labels: 2,
      deepest: 'acquire (mutex.mjs:31:13): 114 s, 100 % (itself 114 s)',
      other: 'Who waited, 3.1 s',
      complaints: [],
    })
  })
})
