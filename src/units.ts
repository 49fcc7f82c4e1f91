/** Unit aliases: used at every signature so that a number says what it counts. */
export type Milliseconds = number
export type Microseconds = number
export type Nanoseconds = number
export type Seconds = number
export type Bytes = number
/** A share of a whole, 0 to 1. */
export type Ratio = number
/** Per second of the window. */
export type PerSecond = number

/** Three significant figures without an exponent: 0.123, 12.3, 1,230. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  // Not by Intl: to have it ready takes 10 ms of every start.
  const [whole = '', rest = ''] = value.toFixed(digits).split('.')
  const decimals = rest.replace(/0+$/, '')
  return whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + (decimals && `.${decimals}`)
}

/** `0.8 ms`, `137 ms`, `2.4 s`. */
export function formatMs(value: Milliseconds): string {
  return Math.abs(value) >= 1000 ? `${formatNumber(value / 1000)} s` : `${formatNumber(value)} ms`
}

/** `1.2 GB`, `640 MB`, `12 kB` (decimal units). */
export function formatBytes(value: Bytes): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${formatNumber(value / 1e9)} GB`
  if (size >= 1e6) return `${formatNumber(value / 1e6)} MB`
  if (size >= 1e3) return `${formatNumber(value / 1e3)} kB`
  return `${formatNumber(value)} B`
}

/** `35 %`. */
export function formatRatio(value: Ratio): string {
  return `${formatNumber(value * 100)} %`
}

const TIMES = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `500ms`, `10s`, `2m`, `1h`; null for what is none, or not above 0. */
export function parseTime(given: string): Milliseconds | null {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given) ?? []
  const ms = Number(number) * TIMES[unit as keyof typeof TIMES]
  return ms > 0 ? ms : null
}
