import { writeFileSync } from 'node:fs'
import { renderProfileHtml } from '../../src/report/html/profile.ts'
import { profilePage } from '../../src/report/profile.ts'
import { FoldedReader } from '../../src/stacks/read/folded.ts'
import type { Milliseconds } from '../../src/units.ts'
import type { Browser } from '../../test/report/chromium.ts'

const STACKS = 1900
const DEPTH = 55
const REDRAWS = 20

/** Writes the page of a flamegraph of 100,000 nodes, none too small to be kept. @returns how many it has. */
export function writeLargeFlamegraph(path: string): number {
  const reader = new FoldedReader()
  for (let i = 0; i < STACKS; i++) {
    const frames = Array.from(
      { length: DEPTH },
      (_, depth) => `function${i % (7 + depth)}_${depth} (/srv/app/module-${depth % 9}.mjs:${i}:1)`,
    )
    reader.line(`root;branch ${i};${frames.join(';')} 10`)
  }
  const page = profilePage('large.folded', reader.end(), { at: new Date().toISOString(), holdup: 'bench' })
  writeFileSync(path, renderProfileHtml(page))
  return STACKS * (DEPTH + 1) + 2
}

/** Script time of each of many redraws, of the whole and of zoomed parts of it. Throws when one drew nothing. */
export async function redrawTimes(browser: Browser, file: string): Promise<Milliseconds[]> {
  const page = await browser.open(file, { width: 1440 })
  // All drawing is done in animation frames.
  await page.evaluate(`{
    const usual = requestAnimationFrame.bind(window)
    window.frames_ = { spent: 0, drawn: 0, usual }
    window.requestAnimationFrame = (draw) => usual((t) => {
      const began = performance.now()
      draw(t)
      frames_.spent += performance.now() - began
      frames_.drawn++
    })
  }`)
  const redraw = async (type: string, x: number, y: number): Promise<Milliseconds> => {
    const spent = await page.evaluate(`{
      Object.assign(frames_, { spent: 0, drawn: 0 })
      const canvas = document.querySelector('.flame canvas')
      const { left, top, width } = canvas.getBoundingClientRect()
      canvas.dispatchEvent(new MouseEvent('${type}', { bubbles: true, clientX: left + width * ${x}, clientY: top + ${y} }))
      new Promise((done) => frames_.usual(() => frames_.usual(() => done(frames_.drawn === 1 ? frames_.spent : -1))))
    }`)
    if (typeof spent !== 'number' || spent < 0) throw new Error(`nothing was drawn after a ${type}`)
    return spent
  }
  // The first time functions are compiled.
  for (let i = 0; i < 5; i++) await redraw('mousemove', (i + 0.5) / 5, 50)
  const times: Milliseconds[] = []
  // Every fourth zooms; the others point at another frame, which draws all anew.
  for (let i = 0; i < REDRAWS; i++)
    times.push(await redraw(i % 4 === 3 ? 'click' : 'mousemove', (i * 0.37 + 0.1) % 1, 50 + ((i * 130) % 1000)))
  await page.close()
  return times
}
