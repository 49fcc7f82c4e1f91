import { readdirSync, readlinkSync } from 'node:fs'
import { randomSubset } from './random-subset.ts'

/** Looking at a descriptor takes 3 µs: of more than these the others are taken to be as a random part is. */
const LOOKED_AT = 256
const SOCKET_LINK = /^socket:\[(\d+)\]$/

/** Sockets that a process has open; null where it does not let holdup see. */
export function countSockets(pid: number): number | null {
  const folder = `/proc/${pid}/fd`
  try {
    const descriptors = readdirSync(folder)
    const looked = randomSubset(descriptors, LOOKED_AT)
    const sockets = looked.filter((descriptor) => inodeOf(`${folder}/${descriptor}`) !== null).length
    return Math.round((sockets * descriptors.length) / Math.max(1, looked.length))
  } catch {
    return null
  }
}

/** Inodes of the sockets that a process opened first; none where it does not let holdup see. */
export function firstSockets(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`
  try {
    const descriptors = readdirSync(folder).map(Number)
    const first = descriptors.toSorted((a, b) => a - b).slice(0, LOOKED_AT)
    return new Set(first.flatMap((descriptor) => inodeOf(`${folder}/${descriptor}`) ?? []))
  } catch {
    return new Set()
  }
}

function inodeOf(path: string): string | null {
  try {
    return SOCKET_LINK.exec(readlinkSync(path))?.[1] ?? null
  } catch {
    // Closed since.
    return null
  }
}
