/** A scenario's runs against its budgets. */
import { median } from '../compare/sets.ts'
import type { Report } from '../report/model.ts'
import type { Ratio } from '../units.ts'
import { type Budget, holds, isNear, limitOf } from './budget.ts'

/** `unmeasured`: the report lacks the number, or the baseline does; nobody can say that it holds, so it counts as broken. */
type BudgetStatus = 'held' | 'broken' | 'unmeasured'

export interface BudgetResult {
  budget: Budget
  /** The median over the runs that measured it. */
  value: number | null
  limit: number | null
  status: BudgetStatus
  /** Another run could say otherwise. */
  near: boolean
}

/** Each budget by the medians of the runs; `baseline`: the reports that budgets against the baseline are held to. */
export function judge(
  budgets: readonly Budget[],
  runs: readonly Report[],
  baseline: readonly Report[],
  nearMiss: Ratio,
): BudgetResult[] {
  return budgets.map((budget) => {
    const value = median(runs.map(budget.measure.read))
    const limit = limitOf(budget, median(baseline.map(budget.measure.read)))
    if (value === null || limit === null) return { budget, value, limit, status: 'unmeasured', near: false }
    const status = holds(budget, value, limit) ? 'held' : 'broken'
    // Findings that are as they should be are not near to being others.
    const near = isNear(budget, value, limit, nearMiss) && !(status === 'held' && budget.measure.countsFindings)
    return { budget, value, limit, status, near }
  })
}

/** One scenario, judged. */
export interface ScenarioResult {
  name: string
  command: string
  /** Every run; the last one is whose findings are told. */
  runs: readonly Report[]
  /** Wall time of all its runs. */
  seconds: number
  startedAt: Date
  results: readonly BudgetResult[]
  /** Where its reports are, from the working folder. */
  folder: string
  notes: readonly string[]
}

/** What an audit found. */
export interface Audit {
  config: string
  scenarios: readonly ScenarioResult[]
  /** Where each budget stands in the configuration, by its text; empty for one in JavaScript. */
  lines: ReadonlyMap<string, number>
}

/** True when any budget is broken, or could not be measured. */
export function isBroken({ scenarios }: Pick<Audit, 'scenarios'>): boolean {
  return scenarios.some(({ results }) => results.some(({ status }) => status !== 'held'))
}
