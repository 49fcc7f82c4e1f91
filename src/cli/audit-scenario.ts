import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isatty } from 'node:tty'
import { needsBaseline } from '../audit/budget.ts'
import { budgetsOf, type Config } from '../audit/config.ts'
import { judge, type ScenarioResult } from '../audit/judge.ts'
import { HoldupError } from '../errors.ts'
import type { Report } from '../report/model.ts'
import { parseTime } from '../units.ts'
import { interrupted, recordRun } from './record-run.ts'
import { readSet } from './recorded-set.ts'
import { writeReport } from './write-report.ts'

export interface AuditOptions {
  /** Folder of the reports. */
  folder: string
  /** The runs become the baseline; budgets against it are not judged. */
  updateBaseline: boolean
  quiet: boolean
}

/**
 * Runs one scenario, again up to `repeat` times where a budget is near its limit, and judges it by the medians; null where
 * Ctrl-C ended it.
 */
export async function auditScenario(
  config: Config,
  name: string,
  { folder, updateBaseline, quiet }: AuditOptions,
): Promise<ScenarioResult | null> {
  const scenario = config.scenarios[name]
  if (!scenario) throw new RangeError(`there is no scenario ${name}`)
  const { load, onPort, ready } = scenario
  const budgets = budgetsOf(config, name).filter((budget) => !(updateBaseline && needsBaseline(budget)))
  const baseline = updateBaseline ? [] : await readBaseline(config, name)
  const startedAt = new Date()
  const began = performance.now()
  const runs: Report[] = []
  const place = join(folder, name)
  const say = (text: string) => quiet || process.stderr.write(`holdup: ${name}: ${text}\n`)
  let results = judge(budgets, runs, baseline, config.nearMiss)
  // A baseline of one run would carry its luck into every later audit.
  // The median of two is what neither said.
  const isUndecided = () => results.some(({ near }) => near) || runs.length % 2 === 0
  const again = () => runs.length < config.repeat && (updateBaseline || isUndecided())
  while (runs.length === 0 || again()) {
    if (runs.length > 0 && !updateBaseline) say(`near a limit: run ${runs.length + 1} of ${config.repeat}`)
    const into = join(place, String(runs.length + 1))
    const recorded = await recordRun(
      {
        command: scenario.command,
        env: scenario.env,
        load: load
          ? {
              url: load.url,
              connections: load.connections,
              ...(load.requestsFrom !== undefined && { requestsFrom: load.requestsFrom }),
            }
          : null,
        ...(onPort !== undefined && { onPort }),
        ...(ready && { ready: { url: ready.url, timeoutMs: parseTime(ready.timeout) ?? 0 } }),
        durationMs: parseTime(scenario.duration),
        warmupMs: parseTime(scenario.warmup) ?? 0,
        cpuProfileMs: 5,
        quiet: quiet || !isatty(2),
      },
      into,
    )
    if (interrupted(recorded)) return null
    runs.push(await writeReport(recorded.path, into))
    results = judge(budgets, runs, baseline, config.nearMiss)
  }
  if (updateBaseline) keepAsBaseline(place, join(config.baselines, name))
  return {
    name,
    command: scenario.command,
    runs,
    seconds: (performance.now() - began) / 1000,
    startedAt,
    results,
    folder: relative(process.cwd(), join(place, String(runs.length))) || '.',
    notes: [
      ...(updateBaseline ? [`baseline written to ${join(config.baselines, name)}`] : []),
      ...otherMachine(baseline, runs),
    ],
  }
}

/** Throws HoldupError `baseline-missing` for the first scenario that needs a baseline and has none. */
export function requireBaselines(config: Config, file: string): void {
  for (const name of Object.keys(config.scenarios)) {
    const path = join(config.baselines, name)
    if (budgetsOf(config, name).some(needsBaseline) && !existsSync(path))
      throw new HoldupError('baseline-missing', { scenario: name, path, config: relative(process.cwd(), file) })
  }
}

async function readBaseline(config: Config, name: string): Promise<readonly Report[]> {
  if (!budgetsOf(config, name).some(needsBaseline)) return []
  return (await readSet([join(config.baselines, name)], name)).reports
}

/** The recordings alone: the reports are made from them. */
function keepAsBaseline(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  cpSync(from, to, { recursive: true, filter: (path) => !/\.(html|md|json|cpuprofile)$|[/\\]stacks$/.test(path) })
}

function otherMachine([baseline]: readonly Report[], [run]: readonly Report[]): string[] {
  if (!baseline || !run) return []
  const { cores, kernel } = baseline.host
  return cores === run.host.cores && kernel === run.host.kernel
    ? []
    : [
        `The baseline is of another machine (${cores} cores, ${kernel}; here ${run.host.cores}, ${run.host.kernel}): what differs may be the machine.`,
      ]
}
