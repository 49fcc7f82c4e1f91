import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { redactCommand } from '../recording/redact.ts'
import type { ListedProcess, Listing } from './listing.ts'

const run = promisify(execFile)
const LIST_EVERY_MS = 1000
const LINE = /^\s*(\d+)\s+(\d+)\s+(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s+(.*)$/

/** Lists through `ps`, at most once a second and without waiting for it: for systems without /proc. */
export class PsListing implements Listing {
  /** `ps` tells a process' age in whole seconds. */
  readonly startTolerance = 2
  #listed: ReadonlyMap<number, ListedProcess> = new Map()
  #listedAt = -Infinity
  #running: Promise<void> | null = null

  list(): ReadonlyMap<number, ListedProcess> {
    if (performance.now() - this.#listedAt >= LIST_EVERY_MS) void this.#run()
    return this.#listed
  }

  async refresh(): Promise<void> {
    // One that is under way may have looked before the call.
    await this.#running
    await this.#run()
  }

  #run(): Promise<void> {
    this.#running ??= this.#list().finally(() => {
      this.#running = null
      this.#listedAt = performance.now()
    })
    return this.#running
  }

  async #list(): Promise<void> {
    try {
      const { stdout } = await run('ps', ['-A', '-ww', '-o', 'pid=,ppid=,etime=,command='], { maxBuffer: 64 << 20 })
      this.#listed = parsePs(stdout, Date.now() / 1000)
    } catch {
      // Without ps the tree is what it was last; the root is known anyway.
    }
  }
}

/** Reads what `ps -o pid=,ppid=,etime=,command=` prints at `now` (Unix seconds). */
export function parsePs(output: string, now: number): Map<number, ListedProcess> {
  const listed = new Map<number, ListedProcess>()
  for (const line of output.split('\n')) {
    const [, pid, ppid, days, hours, minutes, seconds, command] = LINE.exec(line) ?? []
    // What ps appends to the dead.
    if (command === undefined || command.endsWith('<defunct>')) continue
    const age = Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)
    listed.set(Number(pid), {
      pid: Number(pid),
      ppid: Number(ppid),
      start: now - age,
      session: 0,
      command: () => redactCommand(command.split(' ')),
    })
  }
  return listed
}
