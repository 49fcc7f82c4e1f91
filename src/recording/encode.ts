import { LIMITS } from './schema.ts'
import { shortenMiddle } from './shorten.ts'

/** One line of a recording with its newline, texts within the format's limit; null for what no line can hold. */
export function encodeLine(value: object): string | null {
  try {
    let line = JSON.stringify(value)
    // Only a line longer than the limit can hold a text that is.
    if (line.length > LIMITS.text && holdsLongText(value)) line = JSON.stringify(value, shortenTexts)
    return line.length < LIMITS.lineBytes / 3 || Buffer.byteLength(line) < LIMITS.lineBytes ? `${line}\n` : null
  } catch {
    return null
  }
}

function holdsLongText(value: unknown): boolean {
  if (typeof value === 'string') return value.length > LIMITS.text
  if (typeof value !== 'object' || value === null) return false
  for (const part of Array.isArray(value) ? value : Object.values(value)) if (holdsLongText(part)) return true
  return false
}

function shortenTexts(_: string, value: unknown): unknown {
  return typeof value === 'string' ? shortenMiddle(value, LIMITS.text) : value
}
