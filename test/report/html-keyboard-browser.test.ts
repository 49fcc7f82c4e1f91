import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleApp } from '../../scripts/bundle.mjs'
import { renderHtml } from '../../src/report/html/render.ts'
import { CHROMIUM } from './chromium.ts'
import { inSteps } from './in-steps.ts'
import { useBrowser } from './use-browser.ts'

const FRAMES = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'
/** What a pointer can act on: by its kind, and whatever listens to a click. */
const TARGETS = 'a[href], button, select, input, summary, canvas[tabindex], [tabindex]'

describe.skipIf(CHROMIUM === null)('the report by keyboard alone (needs chromium)', () => {
  beforeAll(bundleApp)
  const chromium = useBrowser()

  async function open() {
    const file = join(chromium.folder, 'keyboard.html')
    writeFileSync(file, renderHtml(inSteps))
    const page = await chromium.browser.open(file)
    await page.evaluate(FRAMES)
    const press = async (key: string, modifiers = 0): Promise<void> => {
      const text = key === 'Enter' ? '\r' : undefined
      await page.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, modifiers, text, ...CODES[key] })
      await page.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, modifiers, ...CODES[key] })
    }
    return { page, press }
  }

  test('Tab reaches all that a pointer can act on, and shows where it is', async () => {
    const { page, press } = await open()
    await page.evaluate(`{
      window.reached = new Set()
      window.unmarked = []
      addEventListener('focusin', ({ target }) => {
        reached.add(target)
        const { outlineStyle, boxShadow } = getComputedStyle(target)
        if (outlineStyle === 'none' && boxShadow === 'none') unmarked.push(target.outerHTML.slice(0, 80))
      })
    }`)
    const all = Number(await page.evaluate(`document.querySelectorAll('${TARGETS}').length`))
    for (let pressed = 0; pressed < all + 5; pressed++) await press('Tab')
    const missed = await page.evaluate(
      `[...document.querySelectorAll('${TARGETS}')].filter((each) => each.checkVisibility() && !reached.has(each)).map((each) => each.outerHTML.slice(0, 80))`,
    )
    expect(missed).toEqual([])
    expect(await page.evaluate('unmarked')).toEqual([])
    expect(all).toBeGreaterThan(20)
    expect(page.complaints).toEqual([])
    await page.close()
  })

  test('a timeline is a slider: its values are told, a stretch is marked, picked and taken back', async () => {
    const { page, press } = await open()
    const told = () => page.evaluate('document.activeElement.getAttribute("aria-valuetext")')
    const range = () => page.evaluate('document.querySelector(".range").textContent')
    await page.evaluate('document.querySelector("#timeline-held-up [role=slider]").focus()')
    await press('ArrowRight')
    expect(await told()).toMatch(/^[\d.]+ s: .*\d/)
    await press('Home')
    for (let i = 0; i < 10; i++) await press('ArrowRight', SHIFT)
    await press('Enter')
    await page.evaluate(FRAMES)
    const quarter = inSteps.recording.seconds / 4
    expect(Number(/^0–([\d.]+) s$/.exec(String(await range()))?.[1])).toBeCloseTo(quarter, 1)
    expect(await page.evaluate('document.querySelector("#threads .lead").textContent')).toContain('From 0')
    await press('Escape')
    await page.evaluate(FRAMES)
    expect(await range()).toMatch(/^0–/)
    expect(await page.evaluate('document.querySelector("#threads .lead").textContent')).not.toContain('From 0')
    expect(page.complaints).toEqual([])
    await page.close()
  })
})

const SHIFT = 8
/** Chromium takes what a key does from its Windows code. */
const CODES: Record<string, { windowsVirtualKeyCode: number }> = {
  Tab: { windowsVirtualKeyCode: 9 },
  Enter: { windowsVirtualKeyCode: 13 },
  Escape: { windowsVirtualKeyCode: 27 },
  Home: { windowsVirtualKeyCode: 36 },
  ArrowLeft: { windowsVirtualKeyCode: 37 },
  ArrowRight: { windowsVirtualKeyCode: 39 },
}
