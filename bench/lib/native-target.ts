import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../test/probes/native/programs/locks.cpp', import.meta.url))

/** The tests' C++ program that waits for locks, running. */
export interface NativeTarget {
  pid: number
  end: () => Promise<void>
}

/** Builds the program; the function that is given starts it with arguments. */
export function buildNativeTarget(): (args: readonly string[]) => Promise<NativeTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'holdup-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'locks')
  execFileSync('g++', ['-O2', '-std=c++17', '-pthread', SOURCE, '-o', program])
  return (args) => start(program, args)
}

async function start(program: string, args: readonly string[]): Promise<NativeTarget> {
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error(`${program} has no output`)
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
