/** Secrets stay out of a recording, and so out of every output: command lines, URLs and frames pass through here first. */
import { quoteArgument, stripControls } from '../errors.ts'
import { isPlainValue, redactAssignment, redactNamed } from './redact-named.ts'
import { MARK, redactUrl } from './redact-url.ts'
import { isSecretName } from './secret-names.ts'
import { shortenMiddle } from './shorten.ts'
import { redactTokens } from './token-shapes.ts'

export { redactFrame, redactUrl } from './redact-url.ts'

const COMMAND_CHARACTERS = 1000
const ARGUMENT_CHARACTERS = 200
/** So much of an argument is looked at: it can have 128 kB, and processes are listed often. */
const READ_CHARACTERS = 8192
/** Room for ` … (+12345 more)`. */
const REST_CHARACTERS = 20

/** Short flags that carry a password in these programs and something harmless elsewhere. */
const PROGRAM_FLAGS: readonly { program: RegExp; flags: readonly string[]; takes: 'glued' | 'value' | 'login' }[] = [
  { program: /^(?:mysql|mariadb)/, flags: ['-p'], takes: 'glued' },
  { program: /^(?:sshpass|mongo(?:sh|dump|restore|export|import)?)$/, flags: ['-p'], takes: 'value' },
  { program: /^redis-cli$/, flags: ['-a'], takes: 'value' },
  { program: /^ldap(?:search|modify|add|delete)$/, flags: ['-w'], takes: 'value' },
  { program: /^(?:curl|wget|https?)$/, flags: ['-u', '--user', '--proxy-user', '-U', '-a'], takes: 'login' },
]

/**
 * A command line for reading: quoted, without control codes, of at most 1,000 characters, and `***` in place of
 * what passwords, tokens, keys, cookies and query values it holds.
 */
export function redactCommand(argv: readonly string[]): string {
  const redact = argumentRedactor()
  let shown = ''
  for (const [index, argument] of argv.entries()) {
    const text = shortenMiddle(redact(argument), ARGUMENT_CHARACTERS)
    const next = `${index > 0 ? ' ' : ''}${/^[\w@%+=:,./?&*…~[\]-]+$/.test(text) ? text : quoteArgument(text)}`
    if (shown.length + next.length > COMMAND_CHARACTERS - REST_CHARACTERS)
      return `${shown} … (+${argv.length - index} more)`
    shown += next
  }
  return shown
}

/** Redacts the arguments of one command in turn: what one means can hang on those before it. */
function argumentRedactor(): (argument: string) => string {
  let rule: (typeof PROGRAM_FLAGS)[number] | undefined
  let next: 'value' | 'login' | 'script' | null = null
  return (argument) => {
    const text = stripControls(firstPart(argument))
    const awaited = next
    next = null
    if (awaited === 'value' && !/^(?:--[A-Za-z]|-[A-Za-z]$)/.test(text)) return isPlainValue(text) ? text : MARK
    if (awaited === 'login') return redactLogin(text)
    const name = text.slice(text.lastIndexOf('/') + 1)
    rule = PROGRAM_FLAGS.find(({ program }) => program.test(name)) ?? rule
    for (const flag of rule?.flags ?? []) {
      if (text === flag) next = rule?.takes === 'glued' ? null : (rule?.takes ?? null)
      else if (text.startsWith(flag) && !flag.startsWith('--'))
        return flag + (rule?.takes === 'login' ? redactLogin(text.slice(flag.length)) : MARK)
    }
    if (/^--?[A-Za-z][\w.-]*$/.test(text) && isSecretName(text)) next = 'value'
    if (/^-[a-z]*c$/.test(text)) next = 'script'
    return redactText(text, awaited === 'script')
  }
}

/** Without what may be the beginning of a token whose end is cut off, too short to be known as one. */
function firstPart(argument: string): string {
  return argument.length > READ_CHARACTERS
    ? `${argument.slice(0, READ_CHARACTERS).replace(/\S{1,64}$/, '')}…`
    : argument
}

function redactLogin(text: string): string {
  const colon = text.indexOf(':')
  return colon < 0 ? text : `${text.slice(0, colon + 1)}${MARK}`
}

function redactText(text: string, script: boolean): string {
  const assignment = script ? null : redactAssignment(text)
  if (assignment !== null) return assignment
  const safe = redactTokens(redactNamed(redactUrls(text)), MARK)
  if (!/\s/.test(safe)) return safe
  const redact = argumentRedactor()
  return safe.replace(/(?:"(?:[^"\\]|\\[^])*"?|'[^']*'?|\\[^]|[^\s"'\\])+/g, (word) => redactWord(word, redact))
}

/** One word of a shell's or any other longer text, within its quotes. */
function redactWord(word: string, redact: (argument: string) => string): string {
  const [, quote = '', inner = word] = /^(["'])([^]*)\1$/.exec(word) ?? []
  if (/\s/.test(inner)) return word
  const redacted = redact(inner)
  // What holds a mark was redacted as part of the whole, which knows where a value ends.
  return inner.includes(MARK) ? word : quote + redacted + quote
}

function redactUrls(text: string): string {
  return text
    .replace(/(?<![a-z\d+.-])[a-z][a-z\d+.-]*:\/\/[^\s"'<>`]+/gi, redactUrl)
    .replace(/(?<![\w.%+-])[\w.%+-]+:[^\s@/:"']+@(?!sha256:)(?=[\w[])/g, `${MARK}@`)
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${MARK}`)
}
