import { HoldupError } from '../errors.ts'
import { type Bytes, type Milliseconds, parseTime, type Ratio } from '../units.ts'

const SIZE = { kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }
/** What a recording needs at the least. */
const LEAST: Bytes = 1e6

/** In a URL, what stands for the port. */
export const PORT = '$PORT'
/** Of `--max-size`. */
export const DEFAULT_MAX_SIZE: Bytes = 256e6

/** `10s`, `2m`, `500ms`, `1h`; a bare number is seconds. Throws HoldupError `bad-duration`. */
export function parseDuration(option: string): (given: string) => Milliseconds {
  return (given) => {
    const ms = parseTime(/\d$/.test(given) ? `${given}s` : given)
    if (ms === null) throw new HoldupError('bad-duration', { option, given })
    return ms
  }
}

/** `256MB`, `1GiB`; a bare number is megabytes. Throws HoldupError `bad-size`. */
export function parseSize(option: string): (given: string) => Bytes {
  return (given) => {
    const [, number, unit = 'mb'] = /^(\d+(?:\.\d+)?)\s*([kmg]i?b)?$/.exec(given.toLowerCase()) ?? []
    if (number === undefined) throw new HoldupError('bad-size', { option, given })
    const bytes = Number(number) * SIZE[unit as keyof typeof SIZE]
    if (bytes < LEAST) throw new HoldupError('bad-size', { option, given, least: '1 MB' })
    return bytes
  }
}

/** A whole number from 1. Throws HoldupError `bad-option-value`. */
export function parseCount(option: string): (given: string) => number {
  return (given) => {
    const number = Number(given)
    if (!Number.isInteger(number) || number < 1) {
      const example = option === '--port' ? '8080' : '32'
      throw new HoldupError('bad-option-value', { option, given, allowed: ['a whole number from 1'], example })
    }
    return number
  }
}

/** One of a few words. Throws HoldupError `bad-option-value`. */
export function parseChoice<const T extends string>(option: string, allowed: readonly T[]): (given: string) => T {
  return (given) => {
    const found = allowed.find((value) => value === given)
    if (found === undefined) throw new HoldupError('bad-option-value', { option, given, allowed })
    return found
  }
}

/** `0.1%`, `5 %`: as a share. Throws HoldupError `bad-option-value`. */
export function parsePercent(option: string): (given: string) => Ratio {
  return (given) => {
    const [, number] = /^(\d+(?:\.\d+)?)\s*%$/.exec(given.trim()) ?? []
    const share = Number(number) / 100
    if (share >= 0 && share <= 1) return share
    throw new HoldupError('bad-option-value', { option, given, allowed: ['0% to 100%'], example: '0.1%' })
  }
}

/** An http or https URL, `$PORT` for its port or not, or a path of the target's own. Throws HoldupError `bad-option-value`. */
export function parseUrl(option: string): (given: string) => string {
  return (given) => {
    const told = given.replaceAll(PORT, '1')
    const url = URL.canParse(told) ? new URL(told) : null
    if (given.startsWith('/') || (url && /^https?:$/.test(url.protocol))) return atTarget(given)
    throw new HoldupError('bad-option-value', {
      option,
      given,
      allowed: ['an http or https URL', "a path of the target's"],
      example: "'/search?q=word'",
    })
  }
}

/** A path is the target's own, wherever it listens. */
export function atTarget(url: string): string {
  return url.startsWith('/') ? `http://127.0.0.1:${PORT}${url}` : url
}

/** The URL with the port in the place of `$PORT`, where one is given. */
export function withGivenPort(url: string, port: number | undefined): string {
  return port === undefined ? url : url.replaceAll(PORT, String(port))
}
