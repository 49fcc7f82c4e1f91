import { closeSync, openSync, readSync } from 'node:fs'
import type { Bytes } from '../../units.ts'

/** Reads another process' memory (/proc/PID/mem): as permitted as ptrace is, and stops nothing. */
export class ProcessMemory {
  readonly #path: string
  #fd: number | null = null
  #denied = false

  constructor(pid: number) {
    this.#path = `/proc/${pid}/mem`
  }

  /** The number of bytes now in `buffer`, fewer where mapped memory ends; 0 where it cannot be read. */
  read(address: number, buffer: Buffer): Bytes {
    if (this.#denied) return 0
    try {
      this.#fd ??= openSync(this.#path, 'r')
    } catch {
      this.#denied = true
      return 0
    }
    try {
      return readSync(this.#fd, buffer, 0, buffer.length, address)
    } catch {
      return 0
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }
}
