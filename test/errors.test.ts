import { describe, expect, test } from 'vitest'
import { HoldupError, quoteArgument, renderError, stripControls, toHoldupError } from '../src/errors.ts'
import type { ErrorCode, ErrorFacts } from '../src/errors.ts'

/** Facts for every error there is. */
const FACTS: { [C in ErrorCode]: ErrorFacts<C> } = {
  'command-missing': { verb: 'run' },
  'unknown-command': { given: 'rum', known: ['run', 'report'] },
  'unknown-option': { given: '--duratoin', verb: 'run', known: ['--duration', '--json'] },
  'argument-missing': { verb: 'report', argument: 'recording' },
  'option-missing': { verb: 'export', option: '--to', allowed: ['0x', 'folded'], instead: 'holdup export r --to 0x' },
  'too-many-arguments': { verb: 'attach', takes: '<pid>', extra: '12' },
  'option-value-missing': { verb: 'audit', option: '--junit <file>' },
  'options-contradict': {
    first: '--warmup 5s',
    second: '--duration 1s',
    reason: 'nothing would be left',
    instead: 'holdup run --help',
  },
  'bad-duration': { option: '--duration', given: 'soon' },
  'bad-size': { option: '--max-size', given: 'big' },
  'bad-option-value': { option: '--fail-on', given: 'critcal', allowed: ['info', 'warning', 'critical'] },
  'no-such-detector': { id: 'global-mutx', known: ['global-mutex', 'gc-pressure'] },
  'command-not-found': { command: 'nodee' },
  'not-executable': { command: './run me.sh' },
  'not-started': { command: 'node', reason: 'the argument list is too long' },
  'output-not-writable': { path: '/srv/x', reason: 'permission denied' },
  'disk-full': { path: 'reports/a/recording.ndjson', reason: 'no space left on device' },
  'recording-full': { path: 'r.ndjson', maxBytes: 100, thinned: 95 },
  'sets-unequal': { before: 3, after: 4 },
  'run-ended-early': { command: 'node old.js', reason: 'it exited while its load was still running' },
  'config-not-found': { path: 'holdup.config.json' },
  'config-wrong': {
    place: 'holdup.config.json:8:17',
    path: 'scenarios.search.duration',
    reason: '"soon" is no duration',
  },
  'baseline-missing': { scenario: 'search', path: 'holdup-baselines/search', config: 'holdup.config.json' },
  'recording-not-found': { path: 'reports/none' },
  'recording-not-readable': { path: 'r.ndjson', reason: 'permission denied' },
  'recording-not-a-recording': { path: 'photo.jpg', reason: 'it does not begin with a header' },
  'recording-empty': { path: 'r.ndjson' },
  'recording-future-version': { path: 'r.ndjson', version: 3, known: 1, madeBy: 'holdup 2.0.0' },
  'profile-not-readable': {
    path: 'cpu.pprof',
    format: 'pprof',
    reason: 'it holds no sample',
    instead: 'go tool pprof -raw cpu.pprof',
  },
  'profile-no-recording': { option: '--from', path: 'cpu.pprof' },
  'export-nothing': { path: 'reports/a/recording.ndjson.gz', reason: 'it was recorded with --cpu-profile off' },
  'peer-missing': { peer: '0x', neededFor: '--to 0x', folder: '/srv/app' },
  'peer-failed': { peer: '0x', reason: 'unknown option', instead: 'npm install --no-save 0x@6' },
  'mkfifo-missing': { reason: 'ENOENT' },
  'port-never-opened': { port: 3000, seconds: 10, listening: [8080] },
  'load-never-began': { url: 'http://127.0.0.1:1/', seconds: '2 s', listening: [8080] },
  'file-not-readable': { path: 'queries.txt', reason: 'there is no such file' },
  'load-failed': { reason: 'connection refused', url: 'http://127.0.0.1:1/' },
  'no-such-pid': { pid: 4711 },
  'target-zombie': { pid: 4711, ppid: 4700, parent: 'sh run.sh' },
  'nobody-listens': { port: 3000 },
  'no-such-name': { name: 'my server', looked: 87, hidden: false },
  'target-ambiguous': {
    given: '--name node',
    count: 2,
    candidates: ['7 (parent 1) node a', '8 (parent 1) node b'],
    pid: 7,
  },
  'needs-proc': {
    verb: 'attach --name',
    reason: 'this system has no /proc to find it by',
    instead: 'pgrep -fl server',
  },
  'target-not-permitted': {
    pid: 4711,
    reason: 'it is of user 0, holdup runs as 1000',
    instead: 'sudo holdup attach 4711',
  },
  'metrics-not-served': {
    host: '127.0.0.1',
    port: 9464,
    reason: 'listen EADDRINUSE: address already in use 127.0.0.1:9464',
  },
  'selector-twice': { verb: 'attach', given: ['--port', '--name'] },
  'scale-twice': { command: 'node server.js' },
  internal: { reason: 'TypeError: x is not a function', at: 'f (a.js:1:2)' },
}

describe.each(Object.keys(FACTS) as ErrorCode[])('%s', (code) => {
  const error = new HoldupError(code, FACTS[code])

  test('says what, why and what to try, each on its line', () => {
    expect(renderError(error)).toMatch(/^error: \S.*\nwhy: \S.*\ntry: \S.*$/)
    expect(renderError(error)).not.toMatch(/undefined|null|\[object|NaN/)
    expect(renderError(error)).toMatchSnapshot()
  })

  test('is the same in JSON', () => {
    const { what, why, try: attempt } = error
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({ error: { code, what, why, try: attempt, exitCode: 2 } })
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toBe(`${what}: ${why}`)
  })

  test('shows no control codes of its facts and stays readable when they are long', () => {
    const hostile = Object.fromEntries(
      Object.entries(FACTS[code]).map(([name, fact]) => [
        name,
        typeof fact === 'string' ? `a\u001b[31mb\nc\u202e\u0000${'x'.repeat(131_072)}` : fact,
      ]),
    )
    const shown = renderError(new HoldupError(code, hostile as never))
    expect(shown.split('\n')).toHaveLength(3)
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(shown.length).toBeLessThan(2000)
  })
})

test('what was meant is suggested, what is nothing like it is not', () => {
  const known = ['run', 'report', 'compare']
  expect(new HoldupError('unknown-command', { given: 'reprot', known }).try).toBe('holdup report --help')
  expect(new HoldupError('unknown-command', { given: 'xyzzy', known }).try).toBe('holdup --help')
  expect(new HoldupError('no-such-detector', { id: 'global-mutx', known: ['global-mutex'] }).try).toBe(
    'holdup explain global-mutex',
  )
  expect(new HoldupError('no-such-detector', { id: 'nothing', known: ['global-mutex'] }).try).toBe('holdup list')
})

test('commands to try are quoted', () => {
  expect(new HoldupError('not-executable', { command: "it's $(rm)" }).try).toBe(String.raw`chmod +x 'it'\''s $(rm)'`)
  expect(quoteArgument('')).toBe("''")
  expect(quoteArgument('a/b-c_d.e:f')).toBe('a/b-c_d.e:f')
})

test('a command that is a path is looked for there, any other in $PATH', () => {
  expect(new HoldupError('command-not-found', { command: './x' })).toMatchObject({
    why: 'there is no such file',
    try: 'ls -l ./x',
  })
  expect(new HoldupError('command-not-found', { command: 'x' })).toMatchObject({ try: 'command -v x' })
})

test('an error that nobody expected says that it is our bug, and where', () => {
  const cause = new TypeError('boom')
  const error = toHoldupError(cause)
  expect(error).toMatchObject({ code: 'internal', cause, what: expect.stringContaining('bug in holdup') })
  expect(error.why).toMatch(/^TypeError: boom \(at .*errors\.test\.ts:\d+:\d+\)$/)
  expect(toHoldupError('thrown text').why).toBe('thrown text')
  expect(toHoldupError(error)).toBe(error)
  expect(renderError(cause)).toBe(renderError(error))
})

test.each([
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007after', 'after'],
  ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u001b[2J\u001b[Hx', 'x'],
  ['a\r\nb\tc\u0000d\u007fe\u009bf', 'a b c d e f'],
  ['\u202eevil\u202c', ' evil '],
  ['größer 🐢', 'größer 🐢'],
  ['\u001b', ''],
])('%j without control codes', (text, expected) => {
  expect(stripControls(text)).toBe(expected)
})
