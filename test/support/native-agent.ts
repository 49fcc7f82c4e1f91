/** Programs of test/native/, compiled in the test and run under the native agent as `holdup run` does it. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentFile } from '../../src/probes/native/agent-file.ts'
import type { TargetProcess } from '../../src/probes/probe.ts'
import { NativeProbe } from '../../src/probes/native/probe.ts'
import type { AnyRecord, RecordKind, RecordOf } from '../../src/recording/schema.ts'
import { ROOT, temporaryFolder } from './cli.ts'

const AGENT = agentFile() ?? 'dist/agents/native: run npm run build'

export interface NativeRun {
  of<K extends RecordKind>(kind: K): RecordOf<K>[]
  stack(id: number | undefined): string[]
  stdout: string
  stderr: string
  code: number | null
  /** What the program measured itself. */
  truth: Record<string, number>
  note: string | undefined
}

/** Runs programs of another architecture, as user-mode QEMU does. */
export interface Emulator {
  command: readonly string[]
  agent: string
}

/** Compiles test/native/NAME.c; gives the program's path. */
export function compile(name: string, compiler = 'cc', options: readonly string[] = ['-O2']): string {
  const program = join(temporaryFolder(), name)
  const source = join(ROOT, 'test/native', `${name}.c`)
  execFileSync(compiler, [...options, '-D_GNU_SOURCE', '-o', program, source, '-pthread'], { stdio: 'inherit' })
  return program
}

/** The same of test/native/NAME.rs. */
export function compileRust(name: string): string {
  const program = join(temporaryFolder(), name)
  execFileSync('rustc', ['-O', '-o', program, join(ROOT, 'test/native', `${name}.rs`)], { stdio: 'inherit' })
  return program
}

/** Runs a program to its end, or for `killAfterMs`. */
export async function runUnderAgent(
  command: readonly string[],
  { killAfterMs = null, emulator }: { killAfterMs?: number | null; emulator?: Emulator } = {},
): Promise<NativeRun> {
  const probe = new NativeProbe(emulator?.agent ?? AGENT)
  const added = probe.environment(process.env)
  // An emulator must not load it itself: it gets what is for the program as options.
  const given = Object.entries(added).flatMap(([name, value]) => ['-E', `${name}=${value}`])
  const [file = '', ...args] = emulator ? [...emulator.command, ...given, ...command] : command
  const child = spawn(file, args, { env: emulator ? process.env : { ...process.env, ...added } })
  const killing = killAfterMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const records: AnyRecord[] = []
  const stacks: string[][] = []
  const began = performance.now()
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  probe.start({
    sink: {
      string: () => 0,
      stack: (frames) => stacks.push([...frames]) - 1,
      add: (record) => void records.push(record),
    },
    now: () => performance.now() - began,
    processes: () => tree({ pid: child.pid ?? 0, ppid: process.pid, command: command.join(' ') }),
  })
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(killing)
  await probe.stop()
  return {
    of: <K extends RecordKind>(kind: K) =>
      records.filter((record): record is Extract<AnyRecord, { k: K }> => record.k === kind),
    stack: (id) => (id === undefined ? [] : (stacks[id] ?? [])),
    stdout,
    stderr,
    code,
    truth: JSON.parse(/TRUTH (.*)/.exec(stdout)?.[1] ?? '{}') as Record<string, number>,
    note: probe.note,
  }
}

/** A process and those that it began. */
function tree(of: TargetProcess): TargetProcess[] {
  const children = `/proc/${of.pid}/task/${of.pid}/children`
  const pids = existsSync(children)
    ? readFileSync(children, 'latin1').trim().split(' ').filter(Boolean).map(Number)
    : []
  return [of, ...pids.flatMap((pid) => tree({ ...of, pid, ppid: of.pid }))]
}

const LOCKS: readonly string[] = ['mutex', 'rwlock-read', 'rwlock-write', 'futex-lock']

/** Milliseconds that threads waited for locks. */
export function lockWaitMs(run: NativeRun): number {
  return run
    .of('native-wait')
    .filter(({ kind }) => LOCKS.includes(kind))
    .reduce((sum, { ms }) => sum + ms, 0)
}
