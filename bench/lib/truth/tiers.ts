import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { whyNoTracefs } from '../../../src/probes/tracefs/tracefs.ts'
import type { Ratio, Seconds } from '../../../src/units.ts'
import { HOLDUP } from '../variants.ts'
import { build, type Program } from './programs.ts'
import { readRecorded, type Recorded } from './recorded.ts'

const START_UP_S = 1
const isRoot = process.getuid?.() === 0
const ORDINARY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
/** Before a command, for it to be run without root. */
export const ORDINARY_USER: readonly string[] = isRoot ? ORDINARY : []

/** A way to measure, by what it is permitted. */
export interface Tier {
  name: string
  /** What its lock waits may be off by; `bracket`: the truth lies between two figures. */
  lockWait: { contended: Ratio; storm: Ratio } | 'bracket'
  /** Of threads created: all of them to the last one, those of the window, or an interval. */
  threads: 'all' | 'window' | 'interval'
  /** Share of lock samples whose holder is known, at least; where locks say who holds them. */
  holder: Ratio
  /** Libraries that it cannot see into. */
  exempt: readonly string[]
  /** Those through which it sees no callers: a stack that is read from outside needs unwind tables, which Debian's musl has not. */
  unnamed: readonly string[]
  /** Why it cannot be had here. */
  missing: () => string | undefined
  /** Records a program for so long, start-up left out. */
  record: (program: Program, seconds: Seconds) => Promise<Recorded>
}

const launch: Tier = {
  name: 'launch',
  lockWait: { contended: 0.005, storm: 0.02 },
  threads: 'all',
  holder: 0.9,
  exempt: [],
  unnamed: [],
  missing: () => undefined,
  record: (program, seconds) =>
    inFolder(async (folder, truthFile) => {
      const duration = ['-d', `${seconds + START_UP_S}s`, '--warmup', `${START_UP_S}s`]
      await holdup([], ['run', ...duration, '--quiet', '-o', folder, '--', build(program)], {
        ...program.env,
        TRUTH_FILE: truthFile,
      })
    }),
}

function attach(as: readonly string[]): Tier['record'] {
  return (program, seconds) =>
    inFolder(async (folder, truthFile) => {
      const [file, ...args] = [...as, build(program)]
      const env = { ...process.env, ...program.env, TRUTH_FILE: truthFile }
      const target = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
      try {
        await once(target.stdout, 'data')
        await sleep(START_UP_S * 1000)
        await holdup(as, ['attach', String(target.pid), '-d', `${seconds}s`, '--quiet', '-o', folder])
      } finally {
        await ended(target)
      }
    })
}

/** Best first, as in docs/architecture.md. One that holdup gains is one more here. */
export const TIERS: readonly Tier[] = [
  launch,
  {
    name: 'attach as root',
    lockWait: { contended: 0.02, storm: 0.02 },
    threads: 'window',
    holder: 0.9,
    exempt: [],
    unnamed: ['musl'],
    missing: () => (isRoot ? (whyNoTracefs() ?? undefined) : 'this is not root'),
    record: attach([]),
  },
  {
    name: 'attach without root',
    lockWait: 'bracket',
    threads: 'interval',
    holder: 0.85,
    // What it waits is about 4 % more than the upper end says: not understood yet.
    exempt: ['musl'],
    unnamed: ['musl'],
    missing: () => (isRoot && spawnSync('setpriv', ['--version']).status !== 0 ? 'setpriv is not there' : undefined),
    record: attach(ORDINARY_USER),
  },
]

/** Runs the CLI to its end; throws where that is not a good one. */
export async function holdup(
  as: readonly string[],
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const [file = '', ...rest] = [...as, process.execPath, HOLDUP, ...args]
  const child = spawn(file, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`holdup ${args.join(' ')} ended with ${code}: ${said}`)
}

/** Runs `record` with a folder that any user may write to, and reads what it left there. */
export async function inFolder(record: (folder: string, truthFile: string) => Promise<void>): Promise<Recorded> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-'))
  chmodSync(folder, 0o777)
  try {
    const truthFile = join(folder, 'truth.ndjson')
    await record(join(folder, 'recorded'), truthFile)
    return await readRecorded(join(folder, 'recorded'), truthFile)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function ended(target: ChildProcess): Promise<void> {
  if (target.exitCode !== null || target.signalCode !== null) return
  target.kill('SIGTERM')
  await once(target, 'exit')
}
