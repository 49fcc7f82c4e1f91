import { accessSync, constants, existsSync, readFileSync, readlinkSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { Fifo } from '../../probes/node/fifo.ts'
import { agentFile } from '../../probes/native/agent-file.ts'
import { agentBuilt } from '../../probes/node/probe.ts'
import { procAvailable } from '../../probes/proc/available.ts'
import { countsTime } from '../../probes/proc/sampling.ts'
import { Tracefs, whyNoTracefs } from '../../probes/tracefs/tracefs.ts'
import { hasCapability } from '../../targets/capabilities.ts'
import { isCommand } from '../../targets/commands.ts'
import { describeHost } from '../../targets/host.ts'
import { kernelSetting } from '../../targets/kernel-settings.ts'
import type { Bytes } from '../../units.ts'
import { inspectorPortOwner } from './inspector-port.ts'

/** The inode of the first pid namespace, PROC_PID_INIT_INO of the kernel's proc_ns.h. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]'

/** What holdup's probes and reports depend on, as read from this machine. */
export interface Machine {
  platform: string
  nodeVersion: string
  agentBuilt: boolean
  /** Always false where there is none for the platform. */
  nativeAgentBuilt: boolean
  temporaryFolder: string
  /** Why no pipe can be made there, null when one can. */
  pipeFailure: string | null
  proc: boolean
  /** HOLDUP_NO_PROC=1 is set. */
  procSwitchedOff: boolean
  /** The kernel counts how long threads wait for a core. */
  countsRunQueue: boolean
  /** The sysctl that makes it count is there (kernel.task_delayacct). */
  canCountRunQueue: boolean
  /** The kernel shows what threads are blocked in. */
  showsWaits: boolean
  /** kernel.yama.ptrace_scope, null without Yama. */
  ptraceScope: number | null
  /** `hidepid` of /proc's mount, null where it hides nothing. */
  hidepid: string | null
  uid: number
  rights: { CAP_KILL: boolean; CAP_PERFMON: boolean; CAP_SYS_PTRACE: boolean; CAP_SYS_ADMIN: boolean }
  /** Why the kernel may not be asked to record, null where nothing speaks against it. */
  tracefsFailure: string | null
  /** kernel.perf_event_paranoid, null without perf events. */
  perfParanoid: number | null
  /** perf is on the PATH. */
  perf: boolean
  /** py-spy is on the PATH, which looks into Python programs. */
  pySpy: boolean
  /** Files that a process may have open, null without a limit. */
  openFiles: number | null
  /** Who listens on the port of Node's inspector; null when it is free. */
  inspectorPortOwner: string | null
  nsenter: boolean
  /** Holdup runs in a container: it sees no process outside of it. */
  contained: boolean
  cores: number
  cgroupCpuLimit: number | null
  /** Where reports go by default. */
  folder: string
  /** Why it cannot be written, null when it can. */
  folderFailure: string | null
  /** null where the file system does not tell. */
  freeBytes: Bytes | null
}

/** Looks at everything once; makes a pipe and takes it away again. */
export async function lookAtMachine(): Promise<Machine> {
  const { cores, cgroupCpuLimit, platform } = describeHost()
  const folder = existsSync('reports') ? resolve('reports') : process.cwd()
  return {
    platform,
    nodeVersion: process.version,
    agentBuilt: agentBuilt(),
    nativeAgentBuilt: agentFile() !== null,
    temporaryFolder: tmpdir(),
    pipeFailure: pipeFailure(),
    proc: procAvailable(),
    procSwitchedOff: process.env['HOLDUP_NO_PROC'] === '1',
    countsRunQueue: countsTime('/proc/self/schedstat'),
    canCountRunQueue: existsSync('/proc/sys/kernel/task_delayacct'),
    showsWaits: existsSync('/proc/self/syscall'),
    ptraceScope: kernelSetting('/proc/sys/kernel/yama/ptrace_scope'),
    hidepid: hidepidOf(textOf('/proc/self/mounts')),
    uid: process.geteuid?.() ?? 0,
    rights: {
      CAP_KILL: hasCapability('CAP_KILL'),
      CAP_PERFMON: hasCapability('CAP_PERFMON'),
      CAP_SYS_PTRACE: hasCapability('CAP_SYS_PTRACE'),
      CAP_SYS_ADMIN: hasCapability('CAP_SYS_ADMIN'),
    },
    inspectorPortOwner: await inspectorPortOwner(),
    tracefsFailure: tracefsFailure(),
    perfParanoid: kernelSetting('/proc/sys/kernel/perf_event_paranoid'),
    perf: isCommand('perf'),
    pySpy: isCommand('py-spy'),
    openFiles: openFiles(),
    nsenter: isCommand('nsenter'),
    contained: isContained(),
    cores,
    cgroupCpuLimit,
    folder,
    folderFailure: folderFailure(folder),
    freeBytes: freeBytes(folder),
  }
}

/** The `hidepid` option of the mount of /proc that is on top. */
export function hidepidOf(mounts: string): string | null {
  const options = [...mounts.matchAll(/^\S+ \/proc proc (\S+)/gm)].at(-1)?.[1] ?? ''
  const value = /(?:^|,)hidepid=([^,]+)/.exec(options)?.[1] ?? '0'
  return value === '0' || value === 'off' ? null : value
}

function pipeFailure(): string | null {
  try {
    new Fifo(() => {}).close()
    return null
  } catch (error) {
    return (error as { why?: string }).why ?? (error as Error).message
  }
}

function tracefsFailure(): string | null {
  const why = whyNoTracefs()
  if (why !== null) return why
  try {
    Tracefs.open().close()
    return null
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? ''
  }
}

function openFiles(): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(textOf('/proc/self/limits'))?.[1]
  return soft === undefined ? null : Number(soft)
}

function isContained(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE
  } catch {
    return false
  }
}

function folderFailure(folder: string): string | null {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function freeBytes(folder: string): Bytes | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder)
    return blocks > 0 ? bavail * bsize : null
  } catch {
    return null
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
