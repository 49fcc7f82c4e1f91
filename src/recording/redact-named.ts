import { MARK } from './redact-url.ts'
import { isSecretName } from './secret-names.ts'

/** `name=`, `name: `, `"name": `, `\"name\":`; matching is linear, for it begins only where a word does. */
const NAME = /(?<![\w.-])(\\?["']?)([\w.-]+)\1\s{0,3}([=:])(\s{0,3})/g
const QUOTED = /\\"[^"]*"?|"(?:[^"\\]|\\.)*"?|'[^']*'?/y
/** As a shell splits words, and connection strings their parts. */
const WORD = /(?:"(?:[^"\\]|\\[^])*"?|'[^']*'?|\\[^]|[^\s"'\\;&])+/y
const FIELD = /[^"',;}]+/y
const HEADER = /[^"']+/y
/** Values that tell nothing: switches, and files that the secret is in. */
const PLAIN =
  /^(?:true|false|yes|no|on|off|null|none|[01]|(?:~|\.{0,2})\/[\w./@+-]+\.(?:pem|key|crt|cer|p12|pfx|json|ya?ml|txt|jks|env|conf))$/i
/** Text in which `name: value` has no space is rather `host:port` or `npm run auth:unit`, unless the name leaves no doubt. */
const SURE = /passw|secret|api.?key|authorization|cookie/i
const PORT_OR_WORD = /^(?:\d{1,5}|[a-z-]{1,20})(?![\w])/

/** Whether a value of a secret name is shown all the same. */
export function isPlainValue(value: string): boolean {
  return value === '' || value === MARK || PLAIN.test(value)
}

/** An argument that as a whole is `--name=value`, `NAME=value` or `Name: value` of a secret; null when it is not. */
export function redactAssignment(argument: string): string | null {
  const [, name = '', separator = '', value = ''] = /^([\w.-]+)(=|:\s*)([^]+)$/.exec(argument) ?? []
  if (name === '' || !isSecretName(name) || isPlainValue(value)) return null
  if (separator === ':' && !SURE.test(name) && PORT_OR_WORD.test(value)) return null
  return `${name}${separator}${MARK}`
}

/** Every `name=value`, `name: value` and `"name": "value"` of a secret inside a longer text. */
export function redactNamed(text: string): string {
  let redacted = ''
  let done = 0
  NAME.lastIndex = 0
  for (let match = NAME.exec(text); match; match = NAME.exec(text)) {
    const [, quote = '', name = '', separator = '', space = ''] = match
    if (!isSecretName(name)) continue
    const start = NAME.lastIndex
    const value = valueAt(text, start, name, separator)
    const bare = value.replace(/^\\?["']|\\?["']$/g, '')
    if (isPlainValue(bare)) continue
    const unsure = separator === ':' && space === '' && quote === '' && !SURE.test(name)
    if (unsure && PORT_OR_WORD.test(value)) continue
    redacted += text.slice(done, start) + (value === bare ? MARK : value.replace(bare, () => MARK))
    done = start + value.length
    NAME.lastIndex = done
  }
  return redacted + text.slice(done)
}

function valueAt(text: string, start: number, name: string, separator: string): string {
  const header = /cookie|authorization/i.test(name) ? HEADER : FIELD
  for (const pattern of [QUOTED, separator === '=' ? WORD : header]) {
    pattern.lastIndex = start
    const value = pattern.exec(text)?.[0]
    if (value) return value
  }
  return ''
}
