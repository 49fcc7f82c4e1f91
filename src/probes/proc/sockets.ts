import { readdirSync, readlinkSync } from 'node:fs'
import { randomSubset } from './random-subset.ts'

/** Looking at a descriptor takes 3 µs: of more than these the others are taken to be as a random part is. */
const LOOKED_AT = 256

/** Sockets that a process has open; null where it does not let holdup see. */
export function countSockets(pid: number): number | null {
  const folder = `/proc/${pid}/fd`
  try {
    const descriptors = readdirSync(folder)
    const looked = randomSubset(descriptors, LOOKED_AT)
    const sockets = looked.filter((descriptor) => isSocket(`${folder}/${descriptor}`)).length
    return Math.round((sockets * descriptors.length) / Math.max(1, looked.length))
  } catch {
    return null
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    // Closed since.
    return false
  }
}
