import { readFileSync } from 'node:fs'
import type { Bytes } from '../units.ts'

/** An executable piece of a process' memory. `end` is exclusive. */
export interface Mapping {
  start: number
  end: number
  /** Of `start` in the file. */
  offset: Bytes
  /** As the process sees it; '' for memory of no file, `[vdso]`. */
  path: string
  deleted: boolean
}

const LINE = /^([\da-f]+)-([\da-f]+) (\S+) ([\da-f]+) \S+ \d+ *(.*)$/
const DELETED = ' (deleted)'

/** The executable mappings of /proc/PID/maps (proc_pid_maps(5)), which the kernel lists by address. */
export function parseMaps(text: string): Mapping[] {
  return text.split('\n').flatMap((line) => {
    const [, start = '', end = '', flags = '', offset = '', name = ''] = LINE.exec(line) ?? []
    if (flags[2] !== 'x') return []
    const deleted = name.endsWith(DELETED)
    const path = deleted ? name.slice(0, -DELETED.length) : name
    return [{ start: hex(start), end: hex(end), offset: hex(offset), path, deleted }]
  })
}

/** Where code lies in a process, by address. */
export class MemoryMap {
  readonly mappings: readonly Mapping[]
  /** Everything executable lies between these. */
  readonly lowest: number
  readonly highest: number

  constructor(mappings: readonly Mapping[]) {
    this.mappings = mappings
    this.lowest = mappings[0]?.start ?? Infinity
    // The kernel's own page, which some machines list last, holds nobody's return addresses.
    this.highest = mappings.findLast(({ path }) => path !== '[vsyscall]')?.end ?? 0
  }

  /** @throws what the file system says of a process that is gone or not ours. */
  static of(pid: number): MemoryMap {
    return new MemoryMap(parseMaps(readFileSync(`/proc/${pid}/maps`, 'latin1')))
  }

  find(address: number): Mapping | null {
    let low = 0
    let high = this.mappings.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.mappings[middle]?.end ?? Infinity) <= address) low = middle + 1
      else high = middle
    }
    const mapping = this.mappings[low]
    return mapping && mapping.start <= address ? mapping : null
  }
}

function hex(text: string): number {
  return Number.parseInt(text, 16)
}
