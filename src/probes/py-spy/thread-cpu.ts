import { readdirSync, readFileSync } from 'node:fs'
import type { Milliseconds } from '../../units.ts'

const NS_PER_MS = 1e6

/** CPU time that each thread of the process has used so far, by tid; none of one that has just ended, or where the kernel does not count. */
export function cpuByThread(pid: number): Map<number, Milliseconds> {
  const used = new Map<number, Milliseconds>()
  for (const tid of tidsOf(pid)) {
    try {
      const [ns = '0'] = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'latin1').split(' ')
      if (ns !== '0') used.set(Number(tid), Number(ns) / NS_PER_MS)
    } catch {
      // It has ended since the list was made.
    }
  }
  return used
}

function tidsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}
