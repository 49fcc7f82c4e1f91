/** Numbers with their units, for readers. */
import type { Milliseconds } from '../units.ts'
import { formatBytes, formatMs, formatNumber, formatRatio } from '../units.ts'

/** `137 ms`, `640 MB`, `83.1 %` (of a `ratio`), `6.31 threads`; a unit that is none of ours is put behind the number. */
export function formatQuantity(value: number, unit: string): string {
  if (unit === 'ms') return formatMs(value)
  if (unit === 's') return formatMs(value * 1000)
  if (unit === 'bytes' || unit === 'B') return formatBytes(value)
  if (unit === 'ratio') return formatRatio(value)
  return unit === '' ? formatNumber(value) : `${formatNumber(value)} ${unit}`
}

/** `158 ± 57 ms`: a mean and its standard deviation, in the unit of the mean. */
export function formatSpread(mean: Milliseconds, stddev: Milliseconds): string {
  return mean >= 1000
    ? `${formatNumber(mean / 1000)} ± ${formatNumber(stddev / 1000)} s`
    : `${formatNumber(mean)} ± ${formatNumber(stddev)} ms`
}

/** `1 thread`, `3 threads`. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(value)} ${value === 1 ? noun : plural}`
}
