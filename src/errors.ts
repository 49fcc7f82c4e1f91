import { nearest } from './nearest.ts'
import { usage } from './usage.ts'

/** Every error that a user can meet: `error:` what, `why:` the fact seen, `try:` the exact command. */

/** A fact longer than this is shortened: an argument can have 128 kB. */
const FACT_CHARACTERS = 300

interface ErrorText {
  what: string
  why: string
  try: string
}

const entry = <F extends object>(text: (facts: F) => ErrorText) => text

/** An option that was given wrongly; `verb` is set where the command line is known. */
interface WrongOption {
  option: string
  given: string
  verb?: string
}

const table = {
  'command-missing': entry(({ verb }: { verb: string }) => ({
    what: `holdup ${verb} needs a command to start`,
    why: `nothing follows "holdup ${verb}"`,
    try: `holdup ${verb} -- node server.js`,
  })),
  'unknown-command': entry(({ given, known }: { given: string; known: readonly string[] }) => ({
    what: `there is no command "${given}"`,
    why: `the commands are ${known.join(', ')}`,
    try: `holdup ${nearest(given, known) ?? ''} --help`.replace('  ', ' '),
  })),
  'unknown-option': entry(({ given, verb, known = [] }: { given: string; verb: string; known?: readonly string[] }) => {
    const meant = nearest(given, known)
    return {
      what: `${`holdup ${verb}`.trim()} has no option ${given}`,
      why: meant ? `the nearest it has is ${meant}` : 'none of its options is called that',
      try: `holdup ${verb} --help`.replace('  ', ' '),
    }
  }),
  /** `or`: what else would do. */
  'argument-missing': entry(({ verb, argument, or = '' }: { verb: string; argument: string; or?: string }) => ({
    what: `holdup ${verb} needs <${argument}>${or}`,
    why: or === '' ? `no <${argument}> was given` : 'none of them was given',
    try: `holdup ${verb} --help`,
  })),
  'too-many-arguments': entry((facts: { verb: string; takes: string; extra: string }) => ({
    what: `holdup ${facts.verb} takes ${facts.takes}`,
    why: `${quoteArgument(facts.extra)} is one too many`,
    try: `holdup ${facts.verb} --help`,
  })),
  /** `option` as the help has it: `--junit <file>`. */
  'option-value-missing': entry(({ verb, option }: { verb: string; option: string }) => ({
    what: `${option} was given without its value`,
    why: 'nothing follows it',
    try: `holdup ${verb} --help`,
  })),
  'options-contradict': entry((facts: { first: string; second: string; reason: string; instead: string }) => ({
    what: `${facts.first} and ${facts.second} do not go together`,
    why: facts.reason,
    try: facts.instead,
  })),
  'option-missing': entry((facts: { verb: string; option: string; allowed: readonly string[]; instead: string }) => ({
    what: `holdup ${facts.verb} needs ${facts.option}`,
    why: `it was not given; it takes ${facts.allowed.join(', ')}`,
    try: facts.instead,
  })),
  'bad-duration': entry(({ option, given, verb }: WrongOption) => ({
    what: `${option} takes a duration`,
    why: `"${given}" is not a number above 0 with ms, s, m or h`,
    try: usage(option, '30s', verb),
  })),
  'bad-size': entry(({ option, given, verb, least }: WrongOption & { least?: string }) => ({
    what: `${option} takes a size`,
    why: least ? `"${given}" is under ${least}, the least` : `"${given}" is not a number with kB, MB or GB`,
    try: usage(option, '256MB', verb),
  })),
  /** `example`: a value, where `allowed` describes them; `instead`: the whole command to try. */
  'bad-option-value': entry(
    (facts: WrongOption & { allowed: readonly string[]; example?: string; instead?: string }) => ({
      what: `${facts.option} does not take "${facts.given}"`,
      why: `it takes ${facts.allowed.join(', ')}`,
      try:
        facts.instead ??
        usage(facts.option, facts.example ?? nearest(facts.given, facts.allowed) ?? facts.allowed[0] ?? '', facts.verb),
    }),
  ),
  'no-such-detector': entry(({ id, known }: { id: string; known: readonly string[] }) => {
    const meant = nearest(id, known)
    return {
      what: `there is no detector "${id}"`,
      why: `none of the ${known.length} detectors is called that`,
      try: meant ? `holdup explain ${meant}` : 'holdup list',
    }
  }),
  'command-not-found': entry(
    ({ command, reason, instead }: { command: string; reason?: string; instead?: string }) => ({
      what: `cannot start ${quoteArgument(command)}`,
      why:
        reason ?? (command.includes('/') ? 'there is no such file' : 'no folder of $PATH holds a command of that name'),
      try:
        instead ?? (command.includes('/') ? `ls -l ${quoteArgument(command)}` : `command -v ${quoteArgument(command)}`),
    }),
  ),
  'not-executable': entry(({ command, reason, instead }: { command: string; reason?: string; instead?: string }) => ({
    what: `cannot start ${quoteArgument(command)}`,
    why: reason ?? 'the file has no permission to be executed',
    try: instead ?? `chmod +x ${quoteArgument(command)}`,
  })),
  /** Any other reason why the system refused to start it. */
  'not-started': entry(({ command, reason }: { command: string; reason: string }) => ({
    what: `cannot start ${quoteArgument(command)}`,
    why: reason,
    try: 'holdup doctor',
  })),
  'output-not-writable': entry(({ path, reason, instead }: { path: string; reason: string; instead?: string }) => ({
    what: `cannot write ${quoteArgument(path)}`,
    why: reason,
    try: instead ?? 'holdup run --output "$HOME/holdup-reports" -- node server.js',
  })),
  'disk-full': entry(({ path, reason }: { path: string; reason: string }) => ({
    what: `the disk is full: ${quoteArgument(path)} stopped growing`,
    why: reason,
    try: `df -h ${quoteArgument(folderOf(path))}`,
  })),
  'recording-full': entry(({ path, maxBytes, thinned }: { path: string; maxBytes: number; thinned: number }) => ({
    what: `${quoteArgument(path)} stopped growing at its size cap`,
    why: `thinned as far as it goes, it still holds ${thinned} of ${maxBytes} bytes`,
    try: 'holdup run --max-size 1GB -- node server.js',
  })),
  'recording-not-found': entry(({ path, reason }: { path: string; reason?: string }) => ({
    what: `there is no recording at ${quoteArgument(path)}`,
    why: reason ?? 'no such file or folder',
    try: `ls -l ${quoteArgument(folderOf(path))}`,
  })),
  'recording-not-readable': entry(({ path, reason }: { path: string; reason: string }) => ({
    what: `cannot read ${quoteArgument(path)}`,
    why: reason,
    try: `ls -l ${quoteArgument(path)}`,
  })),
  'recording-not-a-recording': entry(({ path, reason }: { path: string; reason: string }) => ({
    what: `${quoteArgument(path)} is not a recording of holdup`,
    why: reason,
    try: 'holdup run -- node server.js',
  })),
  'recording-empty': entry(({ path }: { path: string }) => ({
    what: `${quoteArgument(path)} holds nothing to report on`,
    why: 'it ends within its first line, the header',
    try: 'holdup run -- node server.js',
  })),
  'recording-future-version': entry((facts: { path: string; version: number; known: number; madeBy?: string }) => ({
    what: `${quoteArgument(facts.path)} was made by a newer holdup${facts.madeBy ? ` (${facts.madeBy})` : ''}`,
    why: `its format is version ${facts.version}, this holdup reads up to ${facts.known}`,
    try: 'git pull && npm ci && npm run build',
  })),
  /** One that another program wrote. */
  'profile-not-readable': entry((facts: { path: string; format: string; reason: string; instead: string }) => ({
    what: `cannot read ${quoteArgument(facts.path)} as ${facts.format}`,
    why: facts.reason,
    try: facts.instead,
  })),
  'profile-no-recording': entry(({ option, path }: { option: string; path: string }) => ({
    what: `${option} is for recordings`,
    why: `${quoteArgument(path)} is a profile: it has neither a time line nor findings`,
    try: `holdup report ${quoteArgument(path)}`,
  })),
  'export-nothing': entry(({ path, reason, instead }: { path: string; reason: string; instead?: string }) => ({
    what: `${quoteArgument(path)} holds no CPU profile to export`,
    why: reason,
    try: instead ?? 'holdup run --cpu-profile 5ms -- node server.js',
  })),
  /** An optional package that an output format needs. */
  'peer-missing': entry((facts: { peer: string; neededFor: string; folder: string }) => ({
    what: `${facts.neededFor} needs the package ${facts.peer}, which is not installed`,
    why: `there is none in a node_modules above ${quoteArgument(facts.folder)}, nor beside holdup`,
    try: `npm install --no-save ${facts.peer}`,
  })),
  'peer-failed': entry((facts: { peer: string; reason: string; instead: string }) => ({
    what: `the package ${facts.peer} failed`,
    why: facts.reason,
    try: facts.instead,
  })),
  'mkfifo-missing': entry(({ reason }: { reason: string }) => ({
    what: 'cannot make the pipe through which the Node agent reports',
    why: reason || 'mkfifo failed',
    try: 'command -v mkfifo',
  })),
  'metrics-not-served': entry(({ host, port, reason }: { host: string; port: number; reason: string }) => ({
    what: `cannot serve metrics at ${host}:${port}`,
    why: reason,
    try: `ss -ltnp 'sport = :${port}'`,
  })),
  'port-never-opened': entry((facts: { port: number; seconds: number; listening?: readonly number[] }) => ({
    what: `the target did not listen on port ${facts.port} within ${facts.seconds} s`,
    why: facts.listening?.length
      ? `it listens on ${facts.listening.join(', ')}`
      : `no connection to port ${facts.port} was accepted`,
    try: facts.listening?.length
      ? `curl -v http://127.0.0.1:${facts.listening[0]}/`
      : `curl -v http://127.0.0.1:${facts.port}/`,
  })),
  /** `--load` was to be driven, and the recording ended before its URL had answered. */
  'load-never-began': entry((facts: { url: string; seconds: string; listening: readonly number[] }) => ({
    what: `no load was driven: ${facts.url} did not answer within ${facts.seconds}`,
    why:
      facts.listening.length > 0
        ? `the target listens on port ${facts.listening.join(', ')}`
        : 'the target listens on no port that holdup sees',
    try: `curl -v ${quoteArgument(facts.url)}`,
  })),
  'file-not-readable': entry(({ path, reason }: { path: string; reason: string }) => ({
    what: `cannot read ${quoteArgument(path)}`,
    why: reason,
    try: `ls -l ${quoteArgument(path)}`,
  })),
  'load-failed': entry(({ reason, url }: { reason: string; url?: string }) => ({
    what: url ? `cannot drive load at ${url}` : 'cannot drive load',
    why: reason,
    try: url ? `curl -v ${quoteArgument(url)}` : 'holdup run --help',
  })),
  'target-not-permitted': entry(({ pid, reason, instead }: { pid: number; reason: string; instead: string }) => ({
    what: `may not attach to pid ${pid}`,
    why: reason,
    try: instead,
  })),
  'scale-twice': entry(({ command }: { command: string }) => ({
    what: 'holdup scale takes a command or --port',
    why: `both were given; the command is ${quoteArgument(command)}`,
    try: 'holdup scale --port 8080',
  })),
  'selector-twice': entry(({ verb, given }: { verb: string; given: readonly string[] }) => ({
    what: `holdup ${verb} takes one of a pid, --port and --name`,
    why: `${given.join(' and ')} were given`,
    try: `holdup ${verb} --port 8080`,
  })),
  /** No living process of that number to attach to; `reason` and `instead` where it is something else. */
  'no-such-pid': entry(({ pid, reason, instead }: { pid: number; reason?: string; instead?: string }) => ({
    what: `cannot attach to pid ${pid}`,
    why: reason ?? 'there is no such process',
    try: instead ?? 'holdup list --targets',
  })),
  'target-zombie': entry(({ pid, ppid, parent }: { pid: number; ppid: number; parent: string }) => ({
    what: `cannot attach to pid ${pid}`,
    why: `it has ended, and its parent ${ppid} (${parent}) has not taken note of it`,
    try: ppid > 1 ? `holdup attach ${ppid}` : 'holdup list --targets',
  })),
  'nobody-listens': entry(({ port, reason, instead }: { port: number; reason?: string; instead?: string }) => ({
    what: `found no process that listens on TCP port ${port}`,
    why: reason ?? 'nothing listens there, in this network namespace or another that holdup may look into',
    try: instead ?? 'holdup list --targets',
  })),
  'no-such-name': entry(({ name, looked, hidden }: { name: string; looked: number; hidden: boolean }) => ({
    what: `found no process named ${quoteArgument(name)}`,
    why: hidden
      ? `none of this user's command lines holds it, and /proc hides those of others here (hidepid)`
      : `none of the ${looked} command lines here holds it`,
    try: hidden ? `sudo holdup attach --name ${quoteArgument(name)}` : 'holdup list --targets',
  })),
  'target-ambiguous': entry((facts: { given: string; count: number; candidates: readonly string[]; pid: number }) => ({
    what: `${facts.count} processes fit ${facts.given}`,
    why: `${facts.candidates.join(' · ')}${facts.count > facts.candidates.length ? ' …' : ''}`,
    try: `holdup attach ${facts.pid}`,
  })),
  'sets-unequal': entry(({ before, after }: { before: number; after: number }) => ({
    what: `${before} recordings before and ${after} after do not pair`,
    why: 'the first of one set is held against the first of the other, and so on',
    try: "holdup compare --run 'node before.js' --run 'node after.js' --load '/search?q=tree'",
  })),
  'run-ended-early': entry(({ command, reason }: { command: string; reason: string }) => ({
    what: `${quoteArgument(command)} ended before it was measured`,
    why: reason,
    try: `holdup run -- sh -c ${quoteArgument(command)}`,
  })),
  'config-not-found': entry(({ path, reason }: { path: string; reason?: string }) => ({
    what: `there is no configuration at ${quoteArgument(path)}`,
    why: reason ?? 'no such file',
    try: 'holdup audit --example > holdup.config.json',
  })),
  /** `place`: file, line and column; `path`: which value, empty for the file as a whole. */
  'config-wrong': entry((facts: { place: string; path: string; reason: string }) => ({
    what: `${facts.place}: ${facts.path === '' ? 'the configuration cannot be read' : `${facts.path} is wrong`}`,
    why: facts.reason,
    try: 'holdup audit --example',
  })),
  'baseline-missing': entry(({ scenario, path, config }: { scenario: string; path: string; config: string }) => ({
    what: `the scenario ${quoteArgument(scenario)} has no baseline to hold its budgets against`,
    why: `there is no recording below ${path}`,
    try: `holdup audit ${quoteArgument(config)} --update-baseline`,
  })),
  'needs-proc': entry(({ verb, reason, instead }: { verb: string; reason: string; instead: string }) => ({
    what: `holdup ${verb} needs /proc`,
    why: reason,
    try: instead,
  })),
  internal: entry(({ reason, at }: { reason: string; at?: string }) => ({
    what: 'holdup itself failed: this is a bug in holdup, please report it with these lines',
    why: at ? `${reason} (at ${at})` : reason,
    try: 'holdup doctor > holdup-bug.txt',
  })),
}

export type ErrorCode = keyof typeof table
/** The facts that an error needs. */
export type ErrorFacts<C extends ErrorCode> = Parameters<(typeof table)[C]>[0]

/** An error meant for the user; `what`, `why` and `try` are single lines without control codes. */
export class HoldupError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'HoldupError'
  readonly code: C
  readonly what: string
  readonly why: string
  readonly try: string
  readonly exitCode = 2
  readonly facts: ErrorFacts<C>

  constructor(code: C, facts: ErrorFacts<C>, options?: ErrorOptions) {
    // The type of `code` has bound `facts` to what its entry takes.
    const text = (table[code] as (facts: ErrorFacts<C>) => ErrorText)(tidy(facts) as ErrorFacts<C>)
    super(`${text.what}: ${text.why}`, options)
    this.code = code
    this.facts = facts
    this.what = text.what
    this.why = text.why
    this.try = text.try
  }

  /** What `--json` prints of it. */
  toJSON(): ErrorText & { code: ErrorCode; exitCode: number } {
    const { code, what, why, try: attempt, exitCode } = this
    return { code, what, why, try: attempt, exitCode }
  }
}

/** The same error of an option, of the verb that it was given to; any other as it is. */
export function ofVerb(error: HoldupError, verb: string): HoldupError {
  const { code, facts } = error
  if (code !== 'bad-duration' && code !== 'bad-size' && code !== 'bad-option-value') return error
  return new HoldupError(code, { ...(facts as ErrorFacts<typeof code>), verb }, { cause: error })
}

/** The error itself, or for one that nobody expected `internal`, which says that it is our bug. */
export function toHoldupError(error: unknown): HoldupError {
  if (error instanceof HoldupError) return error
  if (!(error instanceof Error)) return new HoldupError('internal', { reason: String(error) })
  const at = error.stack?.match(/^\s+at (.+)$/m)?.[1]
  return new HoldupError('internal', { reason: `${error.name}: ${error.message}`, ...(at && { at }) }, { cause: error })
}

/** Three lines, for a terminal. */
export function renderError(error: unknown): string {
  const { what, why, try: attempt } = toHoldupError(error)
  return `error: ${what}\nwhy: ${why}\ntry: ${attempt}`
}

/** Text without escape sequences; what else steers a terminal or reorders text becomes a space. */
export function stripControls(text: string): string {
  return text
    .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?/g, '')
    .replace(/[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ')
}

/** As a POSIX shell takes it back as one argument. */
export function quoteArgument(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function tidy(facts: object): object {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, tidyFact(fact)]))
}

function tidyFact(fact: unknown): unknown {
  if (Array.isArray(fact)) return fact.map(tidyFact)
  if (typeof fact !== 'string') return fact
  const text = stripControls(fact).trim()
  return text.length > FACT_CHARACTERS ? `${text.slice(0, FACT_CHARACTERS - 1)}…` : text
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash > 0 ? path.slice(0, slash) : slash === 0 ? '/' : '.'
}
