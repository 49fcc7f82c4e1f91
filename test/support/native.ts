/** Native programs for tests, compiled when they are first needed. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { until } from './process.ts'

const built = new Map<string, string>()

export const hasCxx = spawnSync('g++', ['--version']).status === 0
export const hasRust = spawnSync('rustc', ['--version']).status === 0

/** The path of the program, from C++ or Rust by its name. */
export function compile(source: string, ...flags: string[]): string {
  const key = [source, ...flags].join(' ')
  let program = built.get(key)
  if (program === undefined) {
    program = join(mkdtempSync(join(tmpdir(), 'holdup-native-')), basename(source).replace(/\.\w+$/, ''))
    if (source.endsWith('.rs')) execFileSync('rustc', ['-O', ...flags, source, '-o', program], { stdio: 'pipe' })
    else execFileSync('g++', ['-O2', '-std=c++17', '-pthread', ...flags, source, '-o', program], { stdio: 'pipe' })
    built.set(key, program)
  }
  return program
}

/** What it counted: waits for locks, and threads that it started. */
interface Truth {
  lockMs: number
  created: number
}

export interface NativeProgram<T = Truth> {
  child: ChildProcess
  pid: number
  /** What it says it measured so far. */
  truth: () => Promise<T>
}

/** Starts it, and kills it after the test; resolves once it has written `ready`. */
export async function startNative<T = Truth>(program: string, ...args: string[]): Promise<NativeProgram<T>> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  await until(() => said.includes('ready'))
  const truths = () => [...said.matchAll(/^TRUTH (.*)$/gm)]
  return {
    child,
    pid: child.pid ?? 0,
    async truth() {
      const before = truths().length
      child.stdin.write('\n')
      return JSON.parse((await until(() => truths()[before]))[1] ?? '') as T
    },
  }
}
