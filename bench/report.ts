/** How large the HTML report gets, how long it takes to make and to open, and how fast a large flamegraph is drawn: `npm run bench:report`. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatBytes, formatMs } from '../src/units.ts'
import { startBrowser, type Browser } from '../test/report/chromium.ts'
import { fixture, startStore } from './lib/fixture.ts'
import { redrawTimes, writeLargeFlamegraph } from './lib/large-flamegraph.ts'
import { longRecording } from './lib/long-recording.ts'
import { stopTable, stopToReports, type StopToReports } from './lib/stop-to-reports.ts'
import { textTable } from './lib/text-table.ts'
import { VARIANTS } from './lib/variants.ts'
import { watchedHoldup } from './lib/watch-memory.ts'

const SOURCE = 'reports/examples/mutex-pool'
const MINUTE_MS = 60_000
const MB = 1e6

/** What each size is held to, from issue 7. */
const SIZES = {
  'ten minutes, 64 threads': {
    ms: 10 * MINUTE_MS,
    threads: 64,
    limits: { bytes: 3 * MB, seconds: 5, memory: Infinity, openMs: 1000 },
  },
  'an hour, 4,000 threads': {
    ms: 60 * MINUTE_MS,
    threads: 4000,
    limits: { bytes: 10 * MB, seconds: 30, memory: 1000 * MB, openMs: 3000 },
  },
}
const REDRAW_LIMIT_MS = 33
/** Of the load that the peers are compared under. */
const CONNECTIONS = 16

const { values: options } = parseArgs({
  options: {
    /** The hour too, which takes minutes to write. */
    hour: { type: 'boolean', default: false },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-report-'))
const browser = await startBrowser()
const stops: StopToReports[] = []
const rows: string[][] = [['', 'is', 'limit', '']]
try {
  for (const [name, size] of Object.entries(SIZES))
    if (size.threads <= 64 || options.hour) await measureReport(name, size)
  await measureFlamegraph()
  await measurePeers()
} finally {
  await browser.close()
  rmSync(folder, { recursive: true })
}
console.log(`${new Date().toISOString()}, ${availableParallelism()} cores, Linux ${release()}, Node ${process.version}`)
console.log(textTable(rows))
if (stops.length > 0) console.log(`\n${stopTable(stops)}`)
process.exitCode = rows.some((row) => row.at(-1) === 'FAILS') ? 1 : 0

function hold(what: string, value: number, limit: number, format: (value: number) => string): void {
  rows.push([what, format(value), limit === Infinity ? '–' : format(limit), value <= limit ? 'holds' : 'FAILS'])
}

async function measureReport(name: string, { limits, ...size }: (typeof SIZES)[keyof typeof SIZES]): Promise<void> {
  const recording = await longRecording(SOURCE, join(folder, `${size.threads}`, 'recording.ndjson'), size)
  const { seconds, peakBytes } = await watchedHoldup(['report', recording])
  const page = join(recording, '../report.html')
  hold(`${name}: report.html`, statSync(page).size, limits.bytes, formatBytes)
  hold(`${name}: made in`, seconds * 1000, limits.seconds * 1000, formatMs)
  hold(`${name}: memory`, peakBytes, limits.memory, formatBytes)
  hold(`${name}: opened in`, await openMs(browser, page), limits.openMs, formatMs)
}

/** From the start of the navigation until what the app has drawn is on the screen and nothing is left to do. */
async function openMs(browser: Browser, file: string): Promise<number> {
  const page = await browser.open(file, { width: 1440 })
  const ms = await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now())))))',
  )
  await page.close()
  return Number(ms)
}

async function measureFlamegraph(): Promise<void> {
  const file = join(folder, 'large.html')
  const nodes = writeLargeFlamegraph(file)
  const times = (await redrawTimes(browser, file)).toSorted((a, b) => a - b)
  hold(
    `flamegraph of ${nodes} nodes: script time of a redraw, median`,
    times[times.length >> 1] ?? 0,
    REDRAW_LIMIT_MS,
    formatMs,
  )
  hold(`flamegraph of ${nodes} nodes: longest of ${times.length}`, times.at(-1) ?? 0, REDRAW_LIMIT_MS, formatMs)
}

/** holdup, 0x and clinic doctor on the same service under the same load. */
async function measurePeers(): Promise<void> {
  const store = await startStore()
  try {
    const service = fixture('async', store.port)
    for (const variant of VARIANTS.filter(({ reports }) => reports)) {
      const missing = variant.missing?.()
      if (missing !== undefined) console.error(`${variant.name}: ${missing}`)
      else stops.push(await stopToReports(variant, service, CONNECTIONS))
    }
  } finally {
    store.stop()
  }
}
