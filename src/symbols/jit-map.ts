import { readFileSync, statSync } from 'node:fs'
import { readProc } from '../targets/proc-listing.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import type { FunctionInMemory } from './function-in-memory.ts'

const LOOK_EVERY_MS: Milliseconds = 1000
/** It grows all the time: reading it may take at most this share of the time. */
const PAUSE_TO_READ = 100
const READ_AT_MOST: Bytes = 64e6
const ENTRIES_AT_MOST = 500_000

/**
 * What a just-in-time compiler (V8 with `--perf-basic-prof`, the JVM with an agent) says of its code in /tmp/perf-PID.map, one
 * `start size name` a line in hex; empty where it says nothing.
 */
export class JitMap {
  readonly #path: string
  #entries: FunctionInMemory[] = []
  #due: Milliseconds = -Infinity
  #size: Bytes = 0

  constructor(pid: number) {
    // In a container the target knows itself by another pid.
    const own = /^NSpid:.*?(\d+)$/m.exec(readProc(`/proc/${pid}/status`, 65_536) ?? '')?.[1] ?? pid
    this.#path = `/proc/${pid}/root/tmp/perf-${own}.map`
  }

  find(address: number): FunctionInMemory | null {
    this.#look()
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle]?.start ?? Infinity) <= address) low = middle + 1
      else high = middle
    }
    const entry = this.#entries[low - 1]
    return entry && address < entry.end ? entry : null
  }

  #look(): void {
    const began = performance.now()
    if (began < this.#due) return
    try {
      const stats = statSync(this.#path)
      if (stats.isFile() && stats.size !== this.#size && stats.size <= READ_AT_MOST) {
        this.#size = stats.size
        this.#entries = parseJitMap(readFileSync(this.#path, 'utf8'))
      }
    } catch {
      // There is none.
    }
    this.#due = began + Math.max(LOOK_EVERY_MS, (performance.now() - began) * PAUSE_TO_READ)
  }
}

/** Sorted by address; of code that replaced other code at the same address the later line holds. */
export function parseJitMap(text: string): FunctionInMemory[] {
  const byStart = new Map<number, FunctionInMemory>()
  for (const [, start = '', size = '', name = ''] of text.matchAll(
    /^(?:0x)?([\da-f]{1,13}) (?:0x)?([\da-f]{1,8}) (.+)$/gim,
  )) {
    if (byStart.size >= ENTRIES_AT_MOST) break
    const from = Number.parseInt(start, 16)
    byStart.set(from, { name, start: from, end: from + Number.parseInt(size, 16) })
  }
  return [...byStart.values()].toSorted((a, b) => a.start - b.start)
}
