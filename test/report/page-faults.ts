import axe from 'axe-core'
import type { Browser } from './chromium.ts'

/** Wide and light, narrow and dark. */
const LOOKS = [
  { width: 1440, dark: false },
  { width: 390, dark: true },
]
const AXE = `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).slice(0, 3).join()))`
/** What follows a resize is drawn in the next frame. */
const DRAWN = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'

/** What is wrong with a page: console messages, requests, broken policies, what sticks out at its side, and what axe finds, which takes a second. */
export async function pageFaults(browser: Browser, file: string, { withAxe = true } = {}): Promise<string[]> {
  const faults: string[] = []
  for (const { width, dark } of LOOKS) {
    const page = await browser.open(file, { width, dark })
    await page.evaluate(DRAWN)
    const widest = await page.evaluate('document.documentElement.scrollWidth')
    if (widest !== width) faults.push(`${String(widest)} px wide on a screen of ${width}`)
    if (withAxe) {
      await page.evaluate(axe.source)
      faults.push(...((await page.evaluate(AXE)) as string[]))
    }
    faults.push(...page.complaints)
    await page.close()
  }
  return faults
}
