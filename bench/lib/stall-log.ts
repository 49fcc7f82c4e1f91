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

/** A delay of the main thread's event loop. */
interface Stall {
  end: Milliseconds
  ms: Milliseconds
  /** On CPU; the rest it waited, for a core or for something else. */
  cpuMs: Milliseconds
}

/** What the target writes about itself, read on as it grows. */
export class StallLog {
  /** The last word of each thread. */
  readonly states = new Map<number, ThreadState>()
  readonly #fd: number
  readonly #stalls: Stall[] = []
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
      const { gaps, ...state } = JSON.parse(line) as ThreadState & { gaps: [number, number, number][] }
      this.states.set(state.thread, state)
      this.#stalls.push(...gaps.map(([end, ms, cpuMs]) => ({ end, ms, cpuMs })))
    }
  }

  /** The longest of those that overlap this time, and of those the one that took most CPU; 0 where there was none. */
  longest(from: Milliseconds, to: Milliseconds): Pick<Stall, 'ms' | 'cpuMs'> {
    const overlapping = this.#stalls.filter(({ end, ms }) => end >= from && end - ms <= to)
    return {
      ms: Math.max(0, ...overlapping.map(({ ms }) => ms)),
      cpuMs: Math.max(0, ...overlapping.map(({ cpuMs }) => cpuMs)),
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}
