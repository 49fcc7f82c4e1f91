import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { agentBuilt } from '../probes/node/probe.ts'
import { procAvailable } from '../probes/proc/available.ts'
import { describeHost } from '../targets/host.ts'
import { BORDERLESS } from './list.ts'

interface Check {
  what: string
  state: 'ok' | 'degraded' | 'missing'
  /** What it gives, or what is lost without it. */
  means: string
  /** The command that opens it. */
  command?: string
}

/** `holdup doctor` */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('what this machine permits')
    .description('Shows what each probe needs, whether it is there, and the command that opens it.')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const checks = [nodeVersion(), agent(), pipe(), procFiles(), blockedIn(), cores()]
      if (json) {
        process.stdout.write(`${JSON.stringify({ host: describeHost(), checks }, null, 2)}\n`)
        return
      }
      const table = new Table({
        style: { head: [], border: [] },
        chars: BORDERLESS,
        colWidths: [20, 10, 48],
        wordWrap: true,
      })
      for (const { what, state, means, command } of checks) {
        table.push([what, state, command ? `${means}\ntry: ${command}` : means])
      }
      process.stdout.write(`${table.toString()}\n`)
    })
}

function nodeVersion(): Check {
  return { what: 'Node.js', state: 'ok', means: `${process.version} runs holdup; targets may use another from 20 on` }
}

function agent(): Check {
  if (agentBuilt())
    return { what: 'Node agent', state: 'ok', means: 'event loop, locks, workers, HTTP, CPU profile of Node targets' }
  return { what: 'Node agent', state: 'missing', means: 'it is not built in this checkout', command: 'npm run build' }
}

function pipe(): Check {
  const found = spawnSync('mkfifo', ['--version']).error === undefined
  try {
    accessSync(tmpdir(), constants.W_OK)
  } catch {
    return {
      what: 'pipe to the agent',
      state: 'missing',
      means: `${tmpdir()} is not writable`,
      command: 'TMPDIR=$HOME holdup run …',
    }
  }
  if (found) return { what: 'pipe to the agent', state: 'ok', means: `mkfifo in ${tmpdir()}` }
  return {
    what: 'pipe to the agent',
    state: 'missing',
    means: 'no mkfifo: the Node agent cannot report',
    command: 'command -v mkfifo',
  }
}

function procFiles(): Check {
  const gives = 'threads, run queue, context switches, thread-time breakdown'
  if (!procAvailable()) return { what: '/proc', state: 'missing', means: `without it there is no view of ${gives}` }
  if (readable('/proc/self/schedstat')) return { what: '/proc', state: 'ok', means: gives }
  return {
    what: '/proc',
    state: 'degraded',
    means: 'the kernel keeps no schedstat: no run queue, coarse CPU of threads',
  }
}

function blockedIn(): Check {
  const what = 'blocked-in'
  if (!procAvailable()) return { what, state: 'missing', means: 'needs /proc' }
  const scope = readable('/proc/sys/kernel/yama/ptrace_scope')?.trim() ?? '0'
  if (Number(scope) < 2) return { what, state: 'ok', means: 'what a launched thread is blocked in (/proc/PID/syscall)' }
  const means = 'Yama forbids reading what a thread is blocked in: part of the thread-time stays unknown'
  return { what, state: 'degraded', means, command: 'sudo sysctl kernel.yama.ptrace_scope=1' }
}

function cores(): Check {
  const { cores, cgroupCpuLimit } = describeHost()
  const limit = cgroupCpuLimit === null ? 'no CPU limit' : `limited to ${cgroupCpuLimit} CPUs by its cgroup`
  if (Math.min(cores, cgroupCpuLimit ?? cores) >= 2) return { what: 'cores', state: 'ok', means: `${cores}, ${limit}` }
  return {
    what: 'cores',
    state: 'degraded',
    means: `${cores}, ${limit}: holdup and its load share a core with the target`,
  }
}

function readable(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
