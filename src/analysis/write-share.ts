import type { Ratio } from '../units.ts'

const WRITE = /rwlock_\w*wrlock|::write_contended\b|\block_exclusive/
const READ = /rwlock_\w*rdlock|::read_contended\b|\block_shared/
const LOOKED_AT = 8

/** What a thread wants of a read-write lock, by the functions that wait; null where they don't say, as for any other lock. */
export function sideOf(stack: readonly string[]): 'read' | 'write' | null {
  for (const frame of stack.slice(0, LOOKED_AT)) {
    if (WRITE.test(frame)) return 'write'
    if (READ.test(frame)) return 'read'
  }
  return null
}

/** Of waits with a weight each those to write; null where none is known to be either. */
export function writeShare(waits: readonly { side: 'read' | 'write' | null; weight: number }[]): Ratio | null {
  const weigh = (wanted: 'read' | 'write') =>
    waits.reduce((sum, { side, weight }) => sum + (side === wanted ? weight : 0), 0)
  const write = weigh('write')
  const all = write + weigh('read')
  return all > 0 ? write / all : null
}
