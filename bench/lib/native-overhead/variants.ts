import { spawnSync } from 'node:child_process'
import { HOLDUP } from '../variants.ts'

/** A way to run a native program: bare, or under a tool. */
export interface NativeVariant {
  name: string
  /** `attached`: after the program has started, as another process. */
  way: 'before' | 'attached'
  /** Attached by root, to a program of another user. */
  asRoot?: boolean
  /** What stands before the program's command, or what is run beside its process. */
  command(folder: string, pid: number): string[]
  /** The most that a contended operation's CPU may cost, over bare/bare's own upper bound; only holdup is held to it. */
  allowance?: number
  /** The least share of bare throughput in the storm. */
  storm?: number
  missing?(): string | undefined
}

/** Futex waits by stack, as one would write it: its system call has these numbers. */
const FUTEX = process.arch === 'arm64' ? 98 : 202
const futexScript = (pid: number) =>
  `tracepoint:raw_syscalls:sys_enter /pid == ${pid} && args->id == ${FUTEX}/ { @at[tid] = nsecs } ` +
  `tracepoint:raw_syscalls:sys_exit /@at[tid]/ { @waited[ustack] = sum(nsecs - @at[tid]); delete(@at[tid]) }`
const GPROFNG = ['gprofng', 'collect', 'app', '-p', 'off', '-s', 'on'] as const

const holdup = (...args: string[]) => [process.execPath, HOLDUP, ...args]

export const NATIVE_BARE: NativeVariant = { name: 'bare', way: 'before', command: () => [] }

export const NATIVE_VARIANTS: readonly NativeVariant[] = [
  NATIVE_BARE,
  {
    name: 'holdup run',
    way: 'before',
    command: (folder) => holdup('run', '--quiet', '-o', folder, '--'),
    allowance: 0.01,
    storm: 0.95,
  },
  {
    name: 'holdup attach, no root',
    way: 'attached',
    command: (folder, pid) => holdup('attach', String(pid), '--quiet', '-o', folder),
    allowance: 0.01,
  },
  {
    name: 'perf trace -s',
    way: 'before',
    command: (folder) => ['perf', 'trace', '-s', '-o', `${folder}.txt`, '--'],
    missing: () => notRunning('perf', 'trace', '-s', '-o', '/dev/null', '--', 'true'),
  },
  {
    name: 'strace -c -f',
    way: 'before',
    command: (folder) => ['strace', '-c', '-f', '-o', `${folder}.txt`, '--'],
    missing: () => notRunning('strace', '-c', '-f', '-o', '/dev/null', '--', 'true'),
  },
  {
    name: 'gprofng -s on',
    way: 'before',
    command: (folder) => [...GPROFNG, '-O', `${folder}.er`],
    missing: () => notRunning(...GPROFNG, '-n', 'true'),
  },
  {
    name: 'bpftrace futex script',
    way: 'attached',
    asRoot: true,
    command: (_folder, pid) => ['timeout', '-s', 'INT', '60', 'bpftrace', '-p', String(pid), '-e', futexScript(pid)],
    missing: () => notRunning('bpftrace', '-e', `${futexScript(1)} interval:ms:100 { exit() }`),
  },
]

function notRunning(...[command, ...args]: [string, ...string[]]): string | undefined {
  return spawnSync(command, args).status === 0 ? undefined : `${command} does not run here`
}
