import { closeSync, openSync, read } from 'node:fs'
import { promisify } from 'node:util'
import type { Bytes, Milliseconds } from '../../units.ts'

const READ_EVERY_MS = 1000
/**
 * Reading walks all pages under a lock of the target's memory map: some 5 ms for 300 MB, but seconds while the target maps
 * memory in a hurry. So long a read may take at most a thousandth of the time.
 */
const PAUSE_TO_READ = 1000
/** It takes some 700. */
const BYTES = 4096
const readAsync = promisify(read)

/** Proportional memory of one process after the other, each once a second or less often, without waiting for it. */
export class PssReader {
  readonly #due = new Map<number, Milliseconds>()
  readonly #found = new Map<number, Bytes>()
  /** One at a time: a slow one must not take the threads that write the recording. */
  #reading = false

  /** Bytes that were found since the last call; asks for the next where it is due. */
  take(pid: number): Bytes | null {
    const found = this.#found.get(pid) ?? null
    this.#found.delete(pid)
    if (!this.#reading && performance.now() >= (this.#due.get(pid) ?? 0)) void this.#read(pid)
    return found
  }

  forget(pid: number): void {
    this.#due.delete(pid)
    this.#found.delete(pid)
  }

  async #read(pid: number): Promise<void> {
    this.#reading = true
    const begun = performance.now()
    let due = Infinity
    try {
      const kilobytes = /^Pss:\s*(\d+)/m.exec(await readOnce(`/proc/${pid}/smaps_rollup`))?.[1]
      if (kilobytes !== undefined) this.#found.set(pid, Number(kilobytes) * 1024)
      due = begun + Math.max(READ_EVERY_MS, (performance.now() - begun) * PAUSE_TO_READ)
    } catch {
      // Not permitted, or gone: not asked again.
    }
    this.#due.set(pid, due)
    this.#reading = false
  }
}

/** Only the reading takes long: `readFile` would go to another thread and back five times. */
async function readOnce(path: string): Promise<string> {
  const fd = openSync(path, 'r')
  try {
    const { bytesRead, buffer } = await readAsync(fd, Buffer.allocUnsafe(BYTES), 0, BYTES, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    closeSync(fd)
  }
}
