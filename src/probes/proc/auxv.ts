import { readFileSync } from 'node:fs'
import type { Bytes, Milliseconds } from '../../units.ts'

/** Keys of the auxiliary vector, getauxval(3). */
const AT_PAGESZ = 6n
const AT_CLKTCK = 17n
const PAIR_BYTES = 16

/** What the kernel counts in: `tickMs` for times of /proc/PID/stat, `pageBytes` for its sizes. */
export function kernelUnits(): { tickMs: Milliseconds; pageBytes: Bytes } {
  const values = readAuxv()
  const ticksPerSecond = values.get(AT_CLKTCK) ?? 100
  return { tickMs: 1000 / ticksPerSecond, pageBytes: values.get(AT_PAGESZ) ?? 4096 }
}

function readAuxv(): Map<bigint, number> {
  const values = new Map<bigint, number>()
  try {
    const vector = readFileSync('/proc/self/auxv')
    for (let at = 0; at + PAIR_BYTES <= vector.length; at += PAIR_BYTES) {
      values.set(vector.readBigUInt64LE(at), Number(vector.readBigUInt64LE(at + PAIR_BYTES / 2)))
    }
  } catch {
    // Not Linux: nothing is counted in ticks there.
  }
  return values
}
