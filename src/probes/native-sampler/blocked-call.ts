import { syscallName } from '../proc/syscalls.ts'
import { waitText } from '../proc/wait.ts'
import type { FutexCall } from '../native/futex.ts'

/** What /proc/PID/task/TID/syscall says of a thread that is off CPU (proc_pid_syscall(5)). */
export interface BlockedCall {
  /** As in a row of `threads`: `futex 0x80 2`, `read`, `fault` outside any call. */
  wait: string
  sp: number
  pc: number
  /** Null for any other call. */
  futex: FutexCall | null
}

/** Null for a thread that runs or waits for a core. */
export function parseBlockedCall(line: string): BlockedCall | null {
  const wait = waitText(line)
  if (wait === null) return null
  const words = line.split(' ')
  // `-1 sp pc` outside a call, else the number, six arguments, sp, pc.
  const sp = Number(words.at(-2))
  const pc = Number(words.at(-1))
  const isFutex = words.length === 9 && syscallName(Number(words[0])) === 'futex'
  const futex = isFutex
    ? { address: Number(words[1]), op: Number(words[2]), value: low32(words[3]), timeout: Number(words[4]), sp }
    : null
  return { wait, sp, pc, futex }
}

/** The kernel compares 32 bits; the register may hold more. */
function low32(hex = '0x0'): number {
  return Number(`0x${hex.slice(2).slice(-8)}`)
}
