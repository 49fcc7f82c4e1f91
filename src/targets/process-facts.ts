import { existsSync, opendirSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { procAvailable } from '../probes/proc/available.ts'
import { readProc, readStat } from './proc-listing.ts'

/** A status file can name 65,536 groups, but hardly does. */
const STATUS_BYTES = 65_536
const NAMESPACES = ['pid', 'mnt', 'net', 'user'] as const

/** By its name below /proc/PID/ns. */
type Namespace = (typeof NAMESPACES)[number]

/** What must be known of a process before holdup attaches to it. */
export interface ProcessFacts {
  pid: number
  ppid: number
  /** Ticks from boot to its start: with the pid it names a process for good. */
  start: number
  /** Letter of its state: T stopped, Z zombie … */
  state: string
  /** The effective ones: what it makes is theirs. */
  uid: number
  gid: number
  threads: number
  /**
   * SIGUSR1 is caught, as Node catches it unless told otherwise (SigCgt of /proc/PID/status): one that does not is never
   * sent it, for it would die.
   */
  catchesSigusr1: boolean
  /** As Node does unless told otherwise: writing to a pipe that nobody reads harms it not. */
  ignoresSigpipe: boolean
  /** Its pid in each pid namespace, from ours to its own (NSpid). */
  pids: number[]
  /** Namespaces in which it is apart from holdup. null where they may not be seen. */
  otherNamespaces: Namespace[] | null
  /** Holdup may see its file descriptors, and so its sockets (same uid or CAP_SYS_PTRACE; Yama does not mind). */
  descriptorsReadable: boolean
  /** Holdup may see these and what its threads are blocked in (same uid or CAP_SYS_PTRACE, and Yama permits). */
  readable: boolean
}

/** What /proc tells of a process; null where it is gone, never was or is a thread's id, and without /proc. */
export function processFacts(pid: number): ProcessFacts | null {
  const status = procAvailable() ? readProc(`/proc/${pid}/status`, STATUS_BYTES) : null
  if (status === null) return null
  const line = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  const numbers = (name: string) => line(name).split(/\s+/).map(Number)
  const start = readStat(pid)?.start
  if (start === undefined || numbers('Tgid')[0] !== pid) return null
  const has = (set: string, signal: 'SIGUSR1' | 'SIGPIPE') =>
    (BigInt(`0x${line(set) || 0}`) & (1n << BigInt(constants.signals[signal] - 1))) !== 0n
  const descriptorsReadable = maySeeDescriptors(pid)
  return {
    pid,
    ppid: numbers('PPid')[0] ?? 0,
    start,
    state: line('State').slice(0, 1),
    uid: numbers('Uid')[1] ?? 0,
    gid: numbers('Gid')[1] ?? 0,
    threads: numbers('Threads')[0] ?? 1,
    catchesSigusr1: has('SigCgt', 'SIGUSR1'),
    ignoresSigpipe: has('SigIgn', 'SIGPIPE'),
    // Kernels before 4.1 have no such line.
    pids: line('NSpid') === '' ? [pid] : numbers('NSpid'),
    otherNamespaces: otherNamespaces(pid),
    descriptorsReadable,
    readable: descriptorsReadable && maySeeWaits(pid),
  }
}

/** By a signal or a debugger: it takes no signal until it goes on. */
export function isStopped({ state }: Pick<ProcessFacts, 'state'>): boolean {
  return state === 'T' || state === 't'
}

function otherNamespaces(pid: number): Namespace[] | null {
  try {
    return NAMESPACES.filter(
      (name) => readlinkSync(`/proc/${pid}/ns/${name}`) !== readlinkSync(`/proc/self/ns/${name}`),
    )
  } catch {
    return null
  }
}

/** The folder goes by its owner, the links in it by the rule for ptrace, as those of `ns` do. */
function maySeeDescriptors(pid: number): boolean {
  try {
    opendirSync(`/proc/${pid}/fd`).closeSync()
    readlinkSync(`/proc/${pid}/ns/net`)
    return true
  } catch {
    return false
  }
}

/** A kernel that shows nobody what a thread is blocked in does not deny it either. */
function maySeeWaits(pid: number): boolean {
  return readProc(`/proc/${pid}/syscall`, 256) !== null || !existsSync('/proc/self/syscall')
}
