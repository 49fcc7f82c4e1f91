import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const FIXTURES = new URL('../../../fixtures/', import.meta.url)

/** A small program of the fixtures that measures itself. */
export interface Program {
  name: string
  /** Its `build.sh`, and what that builds. */
  language: 'rust' | 'cpp'
  binary: string
  variant?: string
  env?: NodeJS.ProcessEnv
}

/** `contended`: one mutex is held for 200 µs at a time; `storm`: for 1 µs; `healthy`: nobody waits for a lock. */
export interface LockProgram extends Program {
  kind: 'contended' | 'storm' | 'healthy'
}

const HOLDERS: readonly Program[] = [
  { name: 'C++', language: 'cpp', binary: 'hold-mutex' },
  { name: 'C++, frame pointers', language: 'cpp', binary: 'hold-mutex', variant: 'frame-pointers' },
  { name: 'Rust std', language: 'rust', binary: 'hold-mutex' },
  { name: 'parking_lot', language: 'rust', binary: 'hold-parking-lot' },
  { name: 'musl', language: 'cpp', binary: 'hold-mutex-c', variant: 'musl' },
]
const POOLS: readonly Program[] = [
  { name: 'C', language: 'cpp', binary: 'condvar-pool', variant: 'glibc' },
  { name: 'Rust std', language: 'rust', binary: 'condvar-pool' },
  { name: 'musl', language: 'cpp', binary: 'condvar-pool', variant: 'musl' },
]

/** Programs of 16 threads each. */
export const LOCK_PROGRAMS: readonly LockProgram[] = [
  ...HOLDERS.map((program) => ({ ...program, kind: 'contended' as const, env: { HOLD_US: '200' } })),
  ...HOLDERS.map((program) => ({ ...program, kind: 'storm' as const, env: { HOLD_US: '1' } })),
  ...POOLS.map((program) => ({ ...program, kind: 'healthy' as const })),
]

/** Programs that create 2,000 threads a second. */
export const CHURN_PROGRAMS: readonly Program[] = [
  { name: 'C', language: 'cpp', binary: 'churn', variant: 'glibc' },
  { name: 'Rust std', language: 'rust', binary: 'churn' },
  { name: 'musl', language: 'cpp', binary: 'churn', variant: 'musl' },
]

const COMPILERS = { rust: 'cargo', cpp: 'g++', musl: 'musl-gcc' }

/** The compiler that it needs and that is not there. */
export function missingCompiler({ language, variant }: Program): string | undefined {
  const compiler = COMPILERS[variant === 'musl' ? 'musl' : language]
  return spawnSync(compiler, ['--version']).status === 0 ? undefined : compiler
}

/** Builds it where a source is newer, and gives its path. */
export function build({ language, binary, variant = 'plain' }: Program): string {
  const script = fileURLToPath(new URL(`${language}/build.sh`, FIXTURES))
  const env = { ...process.env, VARIANT: variant }
  return execFileSync(script, [binary], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}
