import { join, relative } from 'node:path'
import { availableParallelism } from 'node:os'
import { parseSlo } from '../analysis/scale/slo.ts'
import type { ReportSet } from '../compare/sets.ts'
import type { Report } from '../report/model.ts'
import { formatNumber, type Milliseconds } from '../units.ts'
import { articleHeld } from './article-held.ts'
import type { Design } from './demo-designs.ts'
import { queries, recordDesign } from './demo-record.ts'
import type { StepOptions } from './drive-steps.ts'
import { makeOutputFolder } from './output-folder.ts'
import { writeComparison } from './write-comparison.ts'

/** Of people who search: what the story's users timed out on was far more. */
const SLO = 'p99<300ms'
/** Short steps, for the search is repeated in each round. */
const STEPS = { most: 512, stepMs: 1500, settleMs: 500, warmupMs: 2000, maxErrors: 0.001, rounds: 1 }

interface Plan {
  folder: string
  storePort: string
  rounds: number
  connections: number
  durationMs: Milliseconds
}

/**
 * Runs the designs in turn, A B C · C B A · …, each under the load and then in search of its capacity, sets each beside the
 * next with intervals, and says of which rows the article's direction held here. Whether it came to its end.
 */
export async function thorough(designs: readonly Design[], plan: Plan): Promise<boolean> {
  const sets = designs.map(({ name }): ReportSet & { reports: Report[] } => ({ name, reports: [] }))
  let whole = true
  for (let round = 1; round <= plan.rounds && whole; round++) {
    const reports = await playRound(designs, round, plan)
    whole = reports.length === designs.length
    // Runs pair by their round: one that was broken off pairs with nothing.
    if (whole) for (const { name, report } of reports) sets.find((set) => set.name === name)?.reports.push(report)
  }
  tell(sets, plan.folder)
  return whole
}

/** One run of each design; fewer where somebody asked holdup to end. */
async function playRound(
  designs: readonly Design[],
  round: number,
  plan: Plan,
): Promise<{ name: string; report: Report }[]> {
  const { folder, storePort, connections, durationMs, rounds } = plan
  const asked = await queries()
  const steps = stepsWith(asked.paths)
  const done: { name: string; report: Report }[] = []
  for (const design of round % 2 === 1 ? designs : designs.toReversed()) {
    const place = join(folder, design.name, String(round))
    const loaded = await recordDesign(design, place, storePort, (url) => ({
      load: { url, connections, durationMs, ...asked },
    }))
    if (loaded.stopped) break
    const searched = await recordDesign(design, join(place, 'capacity'), storePort, (url) => ({
      steps: { ...steps, url },
    }))
    if (searched.stopped) break
    const report: Report = { ...loaded.report, scale: searched.report.scale }
    const capacity = report.scale?.capacity?.n ?? 0
    process.stdout.write(
      `round ${round} of ${rounds} · ${design.name}: ${formatNumber(report.signals.http?.perSecond ?? 0)} requests/s with ${connections} connections; ${capacity} of them hold ${SLO}\n`,
    )
    done.push({ name: design.name, report })
  }
  return done
}

function stepsWith(paths: readonly string[]): Omit<StepOptions, 'url'> {
  const limit = parseSlo(SLO)
  return { ...STEPS, paths, warmupConnections: 2 * availableParallelism(), slo: limit && { text: SLO, limit } }
}

function tell(sets: readonly ReportSet[], folder: string): void {
  const files: string[] = []
  for (const [n, before] of sets.entries()) {
    const after = sets[n + 1]
    if (!after || after.reports.length === 0) continue
    const place = makeOutputFolder(join(folder, `${before.name}-to-${after.name}`), [], new Date())
    files.push(writeComparison(before, after, place).html)
  }
  const [, before, after] = sets
  if (before && after && after.reports.length > 0) process.stdout.write(`\n${articleHeld(before, after)}`)
  if (files.length > 0)
    process.stdout.write(`\nAll rows, with intervals:\n${files.map((file) => `  ${file}\n`).join('')}`)
  process.stdout.write(`Reports of each run: ${relative(process.cwd(), folder)}/<design>/<round>/report.html\n`)
}
