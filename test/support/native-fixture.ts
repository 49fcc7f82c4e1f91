/** The fixtures in Rust, C++, C, Java and Go: built, started, and asked for the truth. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ROOT, temporaryFolder } from './cli.ts'
import { fixtureFolder } from './fixture.ts'
import { until } from './process.ts'

export type NativeLanguage = 'rust' | 'cpp' | 'java' | 'go'

const READY_MS = 30_000

/** Services of a language: `rust/tokio` … */
export function nativeServices(language: NativeLanguage | 'python'): string[] {
  const folder = join(ROOT, 'fixtures', language)
  return readdirSync(folder).flatMap((name) =>
    existsSync(join(folder, name, 'expect.json')) ? [`${language}/${name}`] : [],
  )
}

/** Whether a command is on the PATH. */
export function hasCommand(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0
}

/**
 * Builds a program when a source is newer, a service or one of `micro/`.
 * @param variant of C++ `plain` or `frame-pointers`, of C `glibc` or `musl`
 * @returns the path of its binary; of Java's, of its classes
 */
export function buildNative(language: NativeLanguage, name: string, variant = 'plain'): string {
  const script = join(ROOT, 'fixtures', language, 'build.sh')
  const env = { ...process.env, VARIANT: variant }
  return execFileSync(script, [name], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}

/** A fixture's own figures, by field. */
export type NativeTruth = Record<string, number>

export interface RunningNative {
  pid: number
  /** Sends SIGTERM and gives what it then tells. */
  finish(): Promise<{ truth: NativeTruth; lines: NativeTruth[] }>
}

/** Starts a service by its run.sh, or a program by its path; resolves once it is ready. Killed after the test. */
export async function startNative(program: string, env: NodeJS.ProcessEnv = {}): Promise<RunningNative> {
  const file = program.startsWith('/') ? program : join(fixtureFolder(program), 'run.sh')
  const truthFile = join(temporaryFolder(), 'truth.ndjson')
  const child = spawn(file, {
    env: { ...process.env, TRUTH_FILE: truthFile, NODE: process.execPath, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  await until(() => said.includes('ready\n') || child.exitCode !== null, READY_MS)
  return {
    pid: child.pid ?? 0,
    async finish() {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
      const told = said.split('\n').find((line) => line.startsWith('TRUTH '))
      if (child.exitCode !== 0 || !told) throw new Error(`${program} ended with ${child.exitCode} and said: ${said}`)
      const lines = readFileSync(truthFile, 'utf8').trim().split('\n')
      return {
        truth: JSON.parse(told.slice('TRUTH '.length)) as NativeTruth,
        lines: lines.map((line) => JSON.parse(line) as NativeTruth),
      }
    },
  }
}
