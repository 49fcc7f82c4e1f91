import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Ratio } from '../../units.ts'

/** File descriptors that the probe may keep open. */
export class FdBudget {
  #left: number

  constructor(most = budgetOfThisProcess()) {
    this.#left = most
  }

  take(): boolean {
    if (this.#left <= 0) return false
    this.#left--
    return true
  }

  give(): void {
    this.#left++
  }
}

const KEEP_AT_MOST = 8192

/** A part of what this process may open, by default half: the rest is for the recorder, the target's pipes and the agents' sockets. */
export function budgetOfThisProcess(share: Ratio = 1 / 2): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined ? KEEP_AT_MOST : Math.min(KEEP_AT_MOST, Math.floor(Number(soft) * share))
  } catch {
    return 0
  }
}

/** Why nothing was read: the process or thread is gone, it may not be read, or no file descriptor was free. */
export type NotRead = 'gone' | 'denied' | 'failed'

/**
 * A file of /proc that is read again and again: kept open and read at its beginning, which takes a third of the time;
 * opened for each read once the budget is spent.
 */
export class KeptFile {
  readonly #path: string
  readonly #budget: FdBudget
  #fd: number | null = null

  constructor(path: string, budget: FdBudget) {
    this.#path = path
    this.#budget = budget
  }

  /** The number of bytes now in `buffer`, or why there are none. */
  read(buffer: Buffer): number | NotRead {
    const kept = this.#fd !== null
    let fd = this.#fd
    try {
      fd ??= openSync(this.#path, 'r')
      if (!kept && this.#budget.take()) this.#fd = fd
      return readSync(fd, buffer, 0, buffer.length, 0)
    } catch (error) {
      return reason(error)
    } finally {
      if (fd !== null && this.#fd === null) closeSync(fd)
    }
  }

  close(): void {
    if (this.#fd === null) return
    closeSync(this.#fd)
    this.#fd = null
    this.#budget.give()
  }
}

function reason(error: unknown): NotRead {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ESRCH') return 'gone'
  return code === 'EPERM' || code === 'EACCES' ? 'denied' : 'failed'
}
