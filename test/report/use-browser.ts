import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startBrowser, type Browser } from './chromium.ts'

/** A browser and a folder for the tests of one `describe`; both are gone after them. */
export function useBrowser(): { readonly browser: Browser; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-html-'))
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder,
    get browser() {
      if (!browser) throw new Error('no test runs yet')
      return browser
    },
  }
}
