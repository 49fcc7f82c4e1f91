/** Real processes for tests: scripts of their own, the launcher in a process of its own, and waiting for what they do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import type { ProbeContext, TargetProcess } from '../../src/probes/probe.ts'
import type { AnyRecord, RecordKind, RecordOf } from '../../src/recording/schema.ts'
import { ROOT, temporaryFolder } from './cli.ts'

/** What the driver says in its log, one object a line. */
export interface DriverEvent {
  launched?: { pid: number; shared: boolean; driver: number }
  got?: string
  processes?: { pid: number; ppid: number; command: string }[]
  terminated?: boolean
  exit?: { code: number | null; signal: string | null }
  error?: { code: string; what: string; why: string; try: string }
}

export interface DriverOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  stdout?: 'inherit' | 'stderr' | 'ignore'
  graceMs?: number
}

/** The launcher with no more around it than passing signals on: `argv` starts it, `events` reads what it logged. */
export interface Driver {
  argv: [file: string, ...args: string[]]
  env: NodeJS.ProcessEnv
  events: () => DriverEvent[]
}

/** Prepares a driver that launches `command`. It ends its target (SIGTERM, grace, SIGKILL) on SIGUSR2. */
export function driver(
  command: readonly string[],
  { env = {}, stdout = 'inherit', graceMs = 5000 }: DriverOptions = {},
): Driver {
  const log = join(temporaryFolder(), 'driver.log')
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const events = () => (existsSync(log) ? parseLines(readFileSync(log, 'utf8')) : [])
  onTestFinished(() => {
    for (const { launched } of events())
      if (launched) for (const pid of [launched.driver, launched.pid, -launched.pid]) kill(pid)
  })
  return {
    argv: [process.execPath, '--import', tsx, join(ROOT, 'test/targets/driver.ts'), ...command],
    env: { ...process.env, ...env, DRIVER_LOG: log, DRIVER_STDOUT: stdout, DRIVER_GRACE_MS: String(graceMs) },
    events,
  }
}

/** A driver without a terminal, its target's output kept. */
export interface RunningDriver {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  events: () => DriverEvent[]
  closed: Promise<void>
}

/** Starts a driver whose stdin is a pipe; both are killed after the test. */
export function startDriver(command: readonly string[], options: DriverOptions = {}): RunningDriver {
  const { argv, env, events } = driver(command, options)
  const [file, ...args] = argv
  const child = spawn(file, args, { env, cwd: options.cwd ?? ROOT, stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, stdout: () => stdout, stderr: () => stderr, events, closed }
}

/** The launched target's pid once the driver has logged it. */
export async function launchedPid(events: () => DriverEvent[]): Promise<number> {
  return until(() => events().find(({ launched }) => launched)?.launched?.pid)
}

/** Writes a script to a folder of the test's own and gives its path. */
export function script(source: string, name = 'script.mjs'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, source, { mode: 0o755 })
  return file
}

/** Starts a script in Node and kills it and its children after the test; resolves once it has written `ready`. */
export async function startScript(
  source: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess & { pid: number; said: () => string }> {
  const child = spawn(process.execPath, [script(source), ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
  })
  onTestFinished(() => kill(-(child.pid ?? 0)))
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  await until(() => said.includes('ready'))
  return Object.assign(child as ChildProcess & { pid: number }, { said: () => said })
}

/** Starts a shell command that is no descendant of this process, as a neighbour is; gives its pid and kills it after the test. */
export async function startOrphan(command: string): Promise<number> {
  // In a session of its own, for the kernel shares the cores out among sessions (autogroup).
  const parent = spawn('sh', ['-c', `(${command}) >/dev/null 2>&1 & echo $!`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let said = ''
  parent.stdout?.on('data', (chunk) => (said += String(chunk)))
  await new Promise((resolve) => parent.on('close', resolve))
  const pid = Number(said)
  onTestFinished(() => kill(pid))
  return pid
}

/** Waits until `look` gives something; fails after `withinMs`, saying what it was. */
export async function until<T>(look: () => T | Promise<T>, withinMs = 10_000): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false) return seen
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${look.toString()}`)
    await sleep(20)
  }
}

export function isAlive(pid: number): boolean {
  return !['Z', 'X', undefined].includes(stateOf(pid))
}

/** The letter of /proc/PID/status, undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

function parseLines(text: string): DriverEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as DriverEvent)
}

/** What a probe adds, kept for looking at. */
export interface Collected {
  context: ProbeContext
  of<K extends RecordKind>(kind: K): RecordOf<K>[]
  /** Interned text by its id. */
  string(id: number): string | undefined
  /** Interned stack by its id, leaf first. */
  stack(id: number | undefined): readonly string[]
}

/** A context for a probe of these processes. */
export function collect(processes: () => readonly TargetProcess[]): Collected {
  const records: AnyRecord[] = []
  const strings: string[] = []
  const stacks: (readonly string[])[] = []
  const began = performance.now()
  return {
    context: {
      sink: {
        string: (text) => strings.push(text) - 1,
        stack: (frames) => stacks.push(frames) - 1,
        add: (record) => void records.push(record),
      },
      now: () => performance.now() - began,
      processes,
    },
    of: <K extends RecordKind>(kind: K) =>
      records.filter((record): record is Extract<AnyRecord, { k: K }> => record.k === kind),
    string: (id) => strings[id],
    stack: (id) => (id === undefined ? [] : (stacks[id] ?? [])),
  }
}
