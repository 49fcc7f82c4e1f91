/** Running processes of all kinds, to be found and attached to. All are killed after the test. */
import { spawn } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { onTestFinished } from 'vitest'
import { processFacts } from '../../src/targets/process-facts.ts'
import { CLI, type CliResult, ROOT } from './cli.ts'
import { until } from './process.ts'

export const isRoot = process.geteuid?.() === 0
/** The arguments of setpriv(1) for somebody else. */
export const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']

/** Starts a command in a group of its own; resolves with its pid once it is the program `comm`, after what wraps it. */
export async function startProcess(command: readonly string[], comm?: string): Promise<number> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { stdio: 'ignore', detached: true, cwd: '/' })
  const pid = child.pid ?? 0
  onTestFinished(() => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Gone already.
    }
  })
  await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === (comm ?? file.split('/').at(-1)))
  return pid
}

/** A process that has ended and whose parent never asks. */
export async function startZombie(): Promise<{ zombie: number; parent: number }> {
  const parent = await startProcess(['sh', '-c', 'sleep 0.1 & exec sleep 60'], 'sleep')
  const zombie = await until(() => child(parent, 'Z'))
  return { zombie, parent }
}

/** The pid of a process' first child, in a state or any. */
export function child(pid: number, state?: string): number | undefined {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.find((each) => {
    const facts = processFacts(each)
    return facts?.ppid === pid && (state === undefined || facts.state === state)
  })
}

/** Does something with the rights of somebody else; root only. */
export function asNobody<T>(look: () => T): T {
  process.seteuid?.(65_534)
  try {
    return look()
  } finally {
    process.seteuid?.(0)
  }
}

/** The built CLI, run by somebody else. */
export function runAsNobody(args: readonly string[]): Promise<CliResult> {
  const [file = '', ...before] = AS_NOBODY
  const child = spawn(file, [...before, process.execPath, CLI, ...args], {
    cwd: '/tmp',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })))
}

/** Whether everybody may reach this checkout and this Node. */
export function openToAll(): boolean {
  if (!isRoot) return false
  process.seteuid?.(65_534)
  try {
    for (const path of [ROOT, CLI, process.execPath, dirname(process.execPath)]) accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  } finally {
    process.seteuid?.(0)
  }
}
