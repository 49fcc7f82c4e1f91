import { HoldupError } from '../errors.ts'
import { redactUrl } from '../recording/redact-url.ts'

/** Where something is pushed to. */
export interface Receiver {
  /** Without user and password. */
  url: URL
  headers: Readonly<Record<string, string>>
}

/** An http or https URL; its user and password become a header. Throws HoldupError `bad-option-value`. */
export function parseReceiver(option: string, example: string): (given: string) => Receiver {
  return (given) => {
    const url = URL.canParse(given) ? new URL(given) : null
    if (!url || !/^https?:$/.test(url.protocol)) {
      const redacted = redactUrl(given).replace(/^[^/]*@/, '***@')
      throw new HoldupError('bad-option-value', { option, given: redacted, allowed: [example] })
    }
    const { username, password } = url
    const login = Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')
    url.username = url.password = url.hash = ''
    return {
      url,
      headers: username === '' && password === '' ? {} : { authorization: `Basic ${login}` },
    }
  }
}

/** The receiver's URL with more at the end of its path: `below(…, 'v1/metrics')`. */
export function below({ url }: Receiver, path: string): URL {
  const whole = new URL(url)
  whole.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return whole
}

/**
 * `name=value,…` of OTEL_EXPORTER_OTLP_HEADERS and OTEL_RESOURCE_ATTRIBUTES, percent-encoded as W3C's baggage; what is
 * no pair is left out. https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
export function parsePairs(given: string | undefined): Record<string, string> {
  const pairs = (given ?? '').split(',').flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).trim()
    return name === '' ? [] : [[decode(name), decode(pair.slice(equals + 1).trim())]]
  })
  return Object.fromEntries(pairs)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
