/** The cells of a comparison of two sets, worded once for every view. */
import { formatQuantity } from '../report/quantity.ts'
import { formatNumber, type Ratio } from '../units.ts'
import type { PairedChange } from './paired.ts'
import type { Share } from './set-findings.ts'
import type { SetRow } from './sets.ts'

/** From this factor on a percentage is harder to read than the factor. */
const FACTOR = 10

/** The median, `–` where it was not measured. */
export function medianCell(value: number | null, unit: string): string {
  return value === null ? '–' : formatQuantity(value, unit)
}

/** `+10 %`, `×14`, `−14.6 threads`; empty where it cannot be said. */
function changeText({ change, unit }: Pick<SetRow, 'change' | 'unit'>): string {
  if (change === null) return ''
  return change.of === 'ratio' ? ratioText(change.change) : signed(change.change, (size) => formatQuantity(size, unit))
}

/** `+8.1…+12 %`: where the true change lies. */
function intervalText({ change, unit }: Pick<SetRow, 'change' | 'unit'>): string {
  if (change === null || !Number.isFinite(change.low + change.high)) return ''
  const { low, high } = change
  if (change.of === 'difference') {
    const text = (value: number) => signed(value, (size) => formatQuantity(size, unit))
    return `${text(low)}…${text(high)}`
  }
  if (high + 1 >= FACTOR) return `${factorText(low)}…${factorText(high)}`
  return `${signed(low * 100, percent)}…${signed(high * 100, percent)} %`
}

/** The verdict with what bears it: `worse +10 % (+8.1…+12 %)`, `no difference (−2…+3 %)`, `+10 %, too few runs`. */
export function verdictText(row: SetRow): string {
  const [change, interval] = [changeText(row), intervalText(row)]
  const within = interval === '' || nothing(row.change) ? '' : ` (${interval})`
  if (row.verdict === 'no difference') return `no difference${within}`
  if (row.verdict === 'too few runs') return change === '' ? 'too few runs' : `${change}, too few runs`
  return `${row.verdict} ${change}${within}`
}

/** `7 of 7, critical`. */
export function shareText({ found, runs, severity }: Share): string {
  return `${found} of ${runs}${severity === null ? '' : `, ${severity}`}`
}

/** All pairs were equal. */
function nothing(change: PairedChange | null): boolean {
  return change?.low === 0 && change.high === 0
}

function ratioText(change: Ratio): string {
  return change + 1 >= FACTOR ? factorText(change) : `${signed(change * 100, percent)} %`
}

function factorText(change: Ratio): string {
  return `×${formatNumber(change + 1)}`
}

/** Without more digits than a reader compares: 0.4, 9.7, 12. */
function percent(size: number): string {
  return size.toLocaleString('en-US', { maximumFractionDigits: size < 9.95 ? 1 : 0 })
}

function signed(value: number, format: (size: number) => string): string {
  const text = format(Math.abs(value))
  return `${value < 0 ? '−' : '+'}${text}`
}
