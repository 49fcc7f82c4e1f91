import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bytes, formatBytes } from '../../src/units.ts'
import { median } from './bootstrap.ts'
import type { Fixture } from './fixture.ts'
import { BenchServer } from './server.ts'
import { textTable } from './text-table.ts'
import type { Variant } from './variants.ts'

export interface StopToReports {
  fixture: string
  variant: string
  /** Medians, in milliseconds from the signal: the target is gone, the last report is written, the tool has ended. */
  targetMs: number
  reportsMs: number
  toolMs: number
  /** Size of what a browser shows. */
  htmlBytes: Bytes
  runs: number
}

const RECORD_MS = 10_000
const RUNS = 3
/** What people read at the end; recordings and logs are written before. */
const REPORT_FILE = /\.(html|md|json)$/

/** Records the fixture under load for 10 s from its launch, stops it as Ctrl-C does, and waits for the reports. */
export async function stopToReports(variant: Variant, fixture: Fixture, connections: number): Promise<StopToReports> {
  const runs: Omit<StopToReports, 'fixture' | 'variant' | 'runs'>[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await stopOnce(variant, fixture, connections))
  const of = (figure: 'targetMs' | 'reportsMs' | 'toolMs' | 'htmlBytes') => median(runs.map((run) => run[figure]))
  return {
    fixture: fixture.name,
    variant: variant.name,
    targetMs: of('targetMs'),
    reportsMs: of('reportsMs'),
    toolMs: of('toolMs'),
    htmlBytes: of('htmlBytes'),
    runs: RUNS,
  }
}

async function stopOnce(variant: Variant, fixture: Fixture, connections: number) {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-stop-'))
  const launchedAt = performance.now()
  const server = await BenchServer.start(variant, fixture, folder, 'report')
  while (performance.now() - launchedAt < RECORD_MS) await server.slice(fixture.paths.length, connections)
  const stoppedAt = Date.now()
  const { targetMs, toolMs, killed } = await server.stop()
  const written = reports(folder).filter(({ time }) => time >= stoppedAt)
  if (killed || written.length === 0) throw new Error(`${variant.name} wrote no report; see ${folder}`)
  rmSync(folder, { recursive: true })
  const reportsMs = Math.max(...written.map(({ time }) => time)) - stoppedAt
  const pages = written.filter(({ name }) => name.endsWith('.html'))
  return { targetMs, reportsMs, toolMs, htmlBytes: pages.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function reports(folder: string): { name: string; time: number; bytes: Bytes }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && REPORT_FILE.test(entry.name))
    .map(({ parentPath, name }) => ({ name, stat: statSync(join(parentPath, name)) }))
    .map(({ name, stat }) => ({ name, time: stat.mtimeMs, bytes: stat.size }))
}

export function stopTable(stops: readonly StopToReports[]): string {
  const head = [
    `ms from Ctrl-C, after ${RECORD_MS / 1000} s of recording`,
    'target gone',
    'reports written',
    'tool ended',
    'HTML',
    'runs',
  ]
  const rows = stops.map((stop) => [
    `${stop.fixture} · ${stop.variant}`,
    ...[stop.targetMs, stop.reportsMs, stop.toolMs].map((ms) => ms.toFixed(0)),
    formatBytes(stop.htmlBytes),
    String(stop.runs),
  ])
  return textTable([head, ...rows])
}
