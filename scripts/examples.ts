/** Makes reports/examples and the README's pictures anew: `npm run examples`, on a quiet machine with Chromium and cargo. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { startBrowser, type Browser } from '../test/report/chromium.ts'

const FILES = ['recording.ndjson.gz', 'report.html', 'report.json', 'report.md']
/** The demo of each language, where its reports go, and its three designs. */
const DEMOS = [
  { language: 'node', args: [], to: 'reports/examples', designs: ['mutex-pool', 'thread-per-query', 'async'] },
  {
    language: 'rust',
    args: ['article'],
    to: 'reports/examples/rust',
    designs: ['mutex-pool', 'thread-per-query', 'tokio'],
  },
]
const WIDTH = 1180
const PICTURE = { height: 392, scale: 0.6 }
const FIRST_PICTURE = { height: 1000, scale: 1 }

const folder = mkdtempSync(join(tmpdir(), 'holdup-examples-'))
const browser = await startBrowser()
try {
  for (const { language, args, to, designs } of DEMOS) {
    const made = join(folder, language)
    run(['dist/cli/main.js', 'demo', ...args, '-o', made])
    for (const design of designs) {
      withoutHome(join(made, design))
      mkdirSync(join(to, design), { recursive: true })
      for (const file of FILES) copyFileSync(join(made, design, file), join(to, design, file))
      await picture(browser, join(made, design, 'report.html'), `docs/examples/${language}-${design}.png`, PICTURE)
    }
    copyFileSync(join(made, 'comparison.md'), join(to, 'comparison.md'))
  }
  await picture(browser, 'reports/examples/mutex-pool/report.html', 'docs/report.png', FIRST_PICTURE)
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
run(['scripts/readme.mjs'])

/** The frames of libraries name the folder in which they were built. */
function withoutHome(recorded: string): void {
  const path = join(recorded, 'recording.ndjson.gz')
  const text = gunzipSync(readFileSync(path)).toString().replaceAll(`${homedir()}/`, '~/')
  writeFileSync(path, gzipSync(text))
  run(['dist/cli/main.js', 'report', recorded])
}

function run(args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
}

/** The top of the page. */
async function picture(
  from: Browser,
  file: string,
  to: string,
  { height, scale }: { height: number; scale: number },
): Promise<void> {
  const page = await from.open(resolve(file), { width: WIDTH, height })
  const clip = { x: 0, y: 0, width: WIDTH, height, scale }
  const { data } = await page.send('Page.captureScreenshot', { format: 'png', clip })
  writeFileSync(to, Buffer.from(String(data), 'base64'))
  await page.close()
}
