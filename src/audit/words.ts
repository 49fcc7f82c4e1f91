/** What every view of an audit says, worded once. */
import { count } from '../report/quantity.ts'
import { quantity } from './budget.ts'
import { type Audit, type BudgetResult, isBroken } from './judge.ts'

/** `p99 is 137 ms, over the limit of 100 ms`. */
export function resultText({ budget, value, limit, status }: BudgetResult): string {
  const against = 'factor' in budget.limit ? `, ${quantity(budget, limit)} from the baseline` : ''
  if (value === null) return `${budget.name} was not measured`
  if (limit === null) return `the baseline did not measure ${budget.name}`
  return `${budget.name} is ${quantity(budget, value)}${status === 'broken' ? '; the budget' : '; it'} is ${budget.comparator} ${quantity(budget, limit)}${against}`
}

/** The one sentence that an audit ends with. */
export function verdictOf(audit: Audit): string {
  const all = audit.scenarios.flatMap(({ results }) => results)
  const broken = all.filter(({ status }) => status !== 'held')
  if (!isBroken(audit))
    return all.length === 0
      ? 'There are no budgets to hold.'
      : all.length === 1
        ? 'The budget held.'
        : `All ${all.length} budgets held.`
  return `${broken.length} of ${count(all.length, 'budget')} broken.`
}
