/** Targets of `holdup attach` that write down what they see of themselves, and holdup on them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Recording, readRecording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { portsByProcess } from '../../src/targets/listening-sockets.ts'
import { TARGET_NODE } from './agent.ts'
import { type CliResult, startCli, temporaryFolder } from './cli.ts'
import { script, until } from './process.ts'
import { child } from './targets.ts'

/** What the main thread of a target sees of itself. */
interface OwnState {
  at: number
  exitListeners: number
  atomicsNative: boolean
  workerNative: boolean
  load: boolean
  agent: boolean
  threads: number
  fds: number
  /** Times that its own handler of SIGUSR1 ran. */
  signals: number
  /** What scripts add. */
  [more: string]: unknown
}

/** Before a target's own script: its state to a file each 100 ms, in one step. */
const WATCHES = `
const fs = require('node:fs')
const workers = require('node:worker_threads')
const { Worker } = workers
const atomics = Object.getOwnPropertyNames(Atomics).map((name) => [name, Atomics[name]])
const load = require('node:module')._load
const more = { signals: 0 }
const write = () => {
  const state = {
    at: Date.now(),
    exitListeners: process.listenerCount('exit'),
    atomicsNative: atomics.every(([name, original]) => Atomics[name] === original),
    workerNative: workers.Worker === Worker,
    load: require('node:module')._load === load,
    agent: Symbol.for('holdup.agent') in globalThis || workers.getEnvironmentData('holdup.shared') !== undefined,
    threads: fs.readdirSync('/proc/self/task').length,
    fds: fs.readdirSync('/proc/self/fd').length,
    ...more,
  }
  fs.writeFileSync(__dirname + '/state.new', JSON.stringify(state))
  fs.renameSync(__dirname + '/state.new', __dirname + '/state')
}
setInterval(write, 100)
setTimeout(() => { write(); console.log('ready') }, 50)
`

/** What Node says of its inspector. */
const ABOUT_INSPECTOR = /^(Debugger |For help, see|Waiting for the debugger).*\n/gm

export interface WatchedTarget {
  pid: number
  process: ChildProcess
  state(): OwnState
  /** The next state that it writes after now. */
  fresh(): Promise<OwnState>
  /** Listening ports. */
  ports(): number[]
  /** On stdout and stderr, but of its inspector. */
  said(): string
}

/** Starts a Node target; `wrap` is a command that starts it. Killed after the test. */
export async function startTarget(
  source = '',
  { node = TARGET_NODE, flags = [], wrap = [] }: { node?: string; flags?: string[]; wrap?: string[] } = {},
): Promise<WatchedTarget> {
  const file = script(`${WATCHES}\n${source}`, 'target.cjs')
  // It may be another user's.
  chmodSync(dirname(file), 0o777)
  const [command, ...args] = [...wrap, node, ...flags, file]
  const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd: '/' })
  onTestFinished(() => {
    for (const pid of [started.pid ?? 0, target.pid]) {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  })
  let said = ''
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  const state = () => JSON.parse(readFileSync(join(dirname(file), 'state'), 'utf8')) as OwnState
  const target = {
    pid: started.pid ?? 0,
    process: started,
    state,
    fresh: () => {
      const now = Date.now()
      return until(() => (state().at > now ? state() : null))
    },
    ports: () => portsByProcess([target.pid]).get(target.pid) ?? [],
    said: () => said.replace(ABOUT_INSPECTOR, ''),
  }
  await until(() => said.includes('ready'))
  // In a pid namespace of its own it is a child of what made that.
  if (readFileSync(`/proc/${target.pid}/comm`, 'utf8').startsWith('unshare')) target.pid = child(target.pid) ?? 0
  return target
}

/** What an attach left behind. */
export interface AttachRun extends CliResult {
  out: string
  /** Its files in the temporary folder. */
  leftovers(): string[]
  report(): Report
  recording(): Promise<Recording>
}

/** Starts the built CLI on a process; `done` resolves at its end. */
export function startAttach(
  pid: number,
  ...options: string[]
): { child: ChildProcess; out: string; done: Promise<AttachRun> } {
  const folder = temporaryFolder()
  // Another user's target goes through it.
  chmodSync(folder, 0o711)
  const out = join(folder, 'out')
  const { child: cli, done } = startCli(['attach', String(pid), '-o', out, ...options], { env: { TMPDIR: folder } })
  return {
    child: cli,
    out,
    done: done.then((result) => ({
      ...result,
      out,
      leftovers: () => readdirSync(folder).filter((name) => name !== 'out'),
      report: () => reportIn(out),
      recording: () => readRecording(out),
    })),
  }
}

/** Attaches for 2 s unless the options say else. */
export function attach(pid: number, ...options: string[]): Promise<AttachRun> {
  return startAttach(pid, ...(options.includes('-d') ? options : ['-d', '2s', ...options])).done
}

function reportIn(out: string): Report {
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
}

/** The Node agents that spoke: `pid` and `tid`, and `threadId` 0 for a main thread. */
export async function agents(run: AttachRun): Promise<{ pid: number; tid: number; threadId: number }[]> {
  const { records } = await run.recording()
  const nodes = records.flatMap((record) => (record.k === 'node' ? [record] : []))
  return nodes.sort((a, b) => a.pid - b.pid || a.threadId - b.threadId)
}

/** Why the node probe is not whole. */
export function nodeNote(run: AttachRun): string | undefined {
  return run.report().recording.probes.find(({ id }) => id === 'node')?.note
}

/** Whether a recording has been begun in the folder. */
export function recordingBegun(out: string): boolean {
  const file = join(out, 'recording.ndjson')
  return existsSync(file) && readFileSync(file, 'utf8').includes('\n')
}

/** What must be seen of a main thread that is as before. */
export const UNTOUCHED = {
  exitListeners: 0,
  atomicsNative: true,
  workerNative: true,
  load: true,
  agent: false,
} as const
