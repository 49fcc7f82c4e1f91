import { BroadcastChannel, getEnvironmentData, setEnvironmentData } from './builtins.ts'

const KEY = 'holdup.shared'
/** Told to every thread at once, so that none has to look at short intervals. */
const STOP = 'holdup.stop'
const CELLS = { liveWorkers: 0, profiledWorkers: 1, stop: 2 }
type Cell = keyof typeof CELLS
/** The originals, before the agent wraps them. */
const { add, load } = Atomics

/** Numbers that every thread of this process sees; where they are not `published`, only this one. */
export class Shared {
  readonly #cells: Int32Array

  constructor(published: boolean) {
    const found = published ? getEnvironmentData(KEY) : undefined
    const memory = found instanceof SharedArrayBuffer ? found : new SharedArrayBuffer(4 * Object.keys(CELLS).length)
    if (published && memory !== found) setEnvironmentData(KEY, memory)
    this.#cells = new Int32Array(memory)
  }

  get(cell: Cell): number {
    return load(this.#cells, CELLS[cell])
  }

  /** Returns what it was before. */
  add(cell: Cell, value: number): number {
    return add(this.#cells, CELLS[cell], value)
  }

  /** The recording is over: every thread's agent is to leave. */
  stop(): void {
    if (this.add('stop', 1) > 0) return
    const channel = new BroadcastChannel(STOP)
    // There is no origin, for it is not a window's.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    channel.postMessage(0)
    channel.close()
  }

  /** Calls back when another thread stops; returns what ends that. Keeps no thread alive. */
  onStop(callback: () => void): () => void {
    const channel = new BroadcastChannel(STOP)
    channel.addEventListener('message', callback)
    channel.unref()
    return () => channel.close()
  }
}
