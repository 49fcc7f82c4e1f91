/** The cells of a comparison, worded once for every view. */
import type { Ratio } from '../units.ts'
import { formatQuantity } from '../report/quantity.ts'
import type { ComparisonRow } from './compare.ts'

/** From this factor on a percentage is harder to read than the factor. */
const FACTOR = 10

/** The row's value in a column, `–` where it was not measured. */
export function valueCell({ values, unit }: ComparisonRow, column: number): string {
  const value = values[column] ?? null
  return value === null ? '–' : formatQuantity(value, unit)
}

/** The row's change against the first column: `+12 %`, `−40 %`, `×14`, `from 0`; empty where it cannot be said. */
export function changeCell({ values, changes, directions }: ComparisonRow, column: number): string {
  const change = changes[column] ?? null
  if (change !== null) return formatChange(change)
  const moved = (directions[column] ?? 'same') !== 'same'
  return moved && values[0] === 0 ? 'from 0' : ''
}

function formatChange(change: Ratio): string {
  if (change + 1 >= FACTOR) return `×${Math.round(change + 1)}`
  const percent = Math.round(change * 100)
  return percent === 0 ? '±0 %' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`
}
