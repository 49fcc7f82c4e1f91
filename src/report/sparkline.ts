/** A time series as one line of text. */
const LEVELS = '▁▂▃▄▅▆▇█'

/** At most `columns` blocks, from 0 to the highest: of more values each block is the mean of several. */
export function sparkline(values: readonly number[], columns: number): string {
  const each = Math.max(1, values.length / columns)
  const means = Array.from({ length: Math.min(columns, values.length) }, (_, i) =>
    mean(values.slice(Math.floor(i * each), Math.floor((i + 1) * each))),
  )
  const top = Math.max(...means, Number.MIN_VALUE)
  const level = (value: number) => Math.min(LEVELS.length - 1, Math.floor((Math.max(0, value) / top) * LEVELS.length))
  return means.map((value) => LEVELS[level(value)]).join('')
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
