/** Unmistakable also inside a longer word: `PGPASSWORD`, `clientSecret`. */
const STEMS = /passw(?:or)?d|passphrase|secret|api_?key|private_?key|access_?key|credential|bearer/
/** Whole words of a name. */
const WORDS = new Set(
  'auth authorization authtoken cookie cookies jwt otp pass passcode pin pwd session sessionid sid sig signature token tokens userpass sshpass'.split(
    ' ',
  ),
)
/** `PUBLIC_KEY` and the like are no secrets; any other `x-key` is. */
const PLAIN_KEYS = new Set('public primary foreign partition sort cache routing shard group hot index'.split(' '))
/** A name that begins or ends so is about a secret, and holds none: `--no-auth`, `--token-file`, `--session-timeout`. */
const ABOUT_FIRST = new Set('no enable disable skip max min num require with'.split(' '))
const ABOUT_LAST = new Set(
  'file files path dir folder timeout ttl type name names store size count limit length mode provider host port method enabled disabled required expiry expires age interval algorithm'.split(
    ' ',
  ),
)

/** Whether the value of a flag, variable, header or field of this name is to be kept from every reader. */
export function isSecretName(name: string): boolean {
  if (name.length > 100) return STEMS.test(name.toLowerCase())
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
  const first = words[0] ?? ''
  const last = words.at(-1) ?? ''
  if (words.length > 1 && (ABOUT_FIRST.has(first) || ABOUT_LAST.has(last))) return false
  if (STEMS.test(words.join('_')) || words.some((word) => WORDS.has(word) || word.endsWith('token'))) return true
  return words.length > 1 && last === 'key' && !PLAIN_KEYS.has(words.at(-2) ?? '')
}
