import type { Milliseconds } from '../units.ts'
import { FirefoxTables } from './firefox-tables.ts'
import type { ThreadProfile } from './group-trees.ts'
import { stackRuns } from './runs.ts'
import { plainText } from './shown-nodes.ts'

/** What a profile says about itself; `startedAt` in Unix milliseconds. */
export interface FirefoxOptions {
  name: string
  exporter: string
  startedAt: Milliseconds
  /** Between two samples. */
  intervalMs: Milliseconds
  /** Whether time in which a thread did nothing is named or left blank. */
  idle: boolean
}

/** Later versions of the format are this one with more in it; the Firefox Profiler upgrades what it reads. */
const VERSION = 60
/** Of the format in which Firefox itself hands over what it recorded, which this is not; the field must be there. */
const GECKO_VERSION = 33
const US_PER_MS = 1000

/**
 * The text, in pieces, of a file for the Firefox Profiler: a track a thread, weights in ms. The "processed profile" format:
 * https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md
 */
export function* firefoxFile(threads: Iterable<ThreadProfile>, options: FirefoxOptions): Generator<string> {
  const tables = new FirefoxTables()
  yield `{"meta":${JSON.stringify(meta(options, tables.categories))},"libs":[],"pages":[],"threads":[`
  let first = true
  for (const thread of threads) {
    yield `${first ? '' : ','}\n${JSON.stringify(threadOf(thread, tables, options.idle))}`
    first = false
  }
  // The tables are whole only after the last thread.
  yield `],\n"shared":${JSON.stringify(tables.shared())}}\n`
}

function meta({ name, exporter, startedAt, intervalMs }: FirefoxOptions, categories: readonly object[]): object {
  return {
    interval: intervalMs,
    startTime: startedAt,
    processType: 0,
    stackwalk: 0,
    version: GECKO_VERSION,
    preprocessedProfileVersion: VERSION,
    product: plainText(name),
    importedFrom: exporter,
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    categories,
    markerSchema: [],
  }
}

function threadOf(thread: ThreadProfile, tables: FirefoxTables, idle: boolean): object {
  const { pid, tid, group, profile } = thread
  const runs = stackRuns(thread, idle)
  let at = profile.startTime + (profile.timeDeltas[0] ?? 0)
  const time = runs.map(({ weight }) => (at += weight) - weight)
  return {
    processType: 'default',
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    name: plainText(group),
    isMainThread: tid === pid,
    processName: `process ${pid}`,
    pid: String(pid),
    tid,
    samples: {
      stack: runs.map(({ node }) => tables.stack(node)),
      time: time.map((us) => us / US_PER_MS),
      weight: runs.map(({ weight }) => weight / US_PER_MS),
      weightType: 'tracing-ms',
      length: runs.length,
    },
    markers: { data: [], name: [], startTime: [], endTime: [], phase: [], category: [], length: 0 },
  }
}
