import type { Milliseconds } from '../units.ts'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `500ms`, `10s`, `2m`, `1h`; null for what is none, or not above 0. */
export function parseTime(given: string): Milliseconds | null {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given) ?? []
  const ms = Number(number) * UNITS[unit as keyof typeof UNITS]
  return ms > 0 ? ms : null
}
