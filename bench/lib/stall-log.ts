import { closeSync, openSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Milliseconds } from '../../src/units.ts'

const PRELOAD = fileURLToPath(new URL('stall-watch.cjs', import.meta.url))
const CHUNK_BYTES = 1 << 16

/** What a thread of the target found of itself at `t`, on CLOCK_MONOTONIC. */
export interface ThreadState {
  t: Milliseconds
  thread: number
  exitListeners: number
  nativeWait: boolean
  agent: boolean
}

/** Environment for a target so that it keeps the log; see stall-watch.cjs. */
export function stallLogEnvironment(file: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`, STALL_LOG: file }
}

/** What the target writes about itself, read on as it grows. */
export class StallLog {
  /** The last word of each thread. */
  readonly states = new Map<number, ThreadState>()
  readonly #fd: number
  readonly #gaps: [end: Milliseconds, ms: Milliseconds][] = []
  #rest = ''

  /** The file is there as soon as the target runs. */
  constructor(file: string) {
    this.#fd = openSync(file, 'r')
  }

  read(): void {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let bytes; (bytes = readSync(this.#fd, chunk)) > 0;) this.#rest += chunk.toString('latin1', 0, bytes)
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const { gaps, ...state } = JSON.parse(line) as ThreadState & { gaps: [Milliseconds, Milliseconds][] }
      this.states.set(state.thread, state)
      this.#gaps.push(...gaps)
    }
  }

  /** The longest delay of the main thread's event loop that overlaps this time; 0 where none was noted. */
  longest(from: Milliseconds, to: Milliseconds): Milliseconds {
    const overlapping = this.#gaps.filter(([end, ms]) => end >= from && end - ms <= to)
    return Math.max(0, ...overlapping.map(([, ms]) => ms))
  }

  close(): void {
    closeSync(this.#fd)
  }
}
