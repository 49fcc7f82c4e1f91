import { readdirSync, readFileSync } from 'node:fs'
import type { Milliseconds } from '../../units.ts'
import { kernelUnits } from '../proc/auxv.ts'
import { parseStat } from '../proc/stat.ts'

const MS_PER_SECOND = 1000

/** The threads of a process that have been there for so long; none of one that has ended. */
export function threadsOf(pid: number, ageMs: Milliseconds = 0): number[] {
  const folder = `/proc/${pid}/task`
  try {
    const tids = readdirSync(folder).map(Number)
    if (ageMs === 0) return tids
    const [uptime = 0] = readFileSync('/proc/uptime', 'latin1').split(' ').map(Number)
    return tids.filter((tid) => startOf(`${folder}/${tid}/stat`) <= uptime * MS_PER_SECOND - ageMs)
  } catch {
    return []
  }
}

/** Since boot; never of one that has ended meanwhile. */
function startOf(file: string): Milliseconds {
  try {
    return parseStat(readFileSync(file, 'latin1')).start * kernelUnits().tickMs
  } catch {
    return Infinity
  }
}
