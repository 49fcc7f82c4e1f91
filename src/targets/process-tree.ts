import { procAvailable } from '../probes/proc/available.ts'
import type { TargetProcess } from '../probes/probe.ts'
import type { ListedProcess, Listing } from './listing.ts'
import { ProcListing } from './proc-listing.ts'
import { PsListing } from './ps-listing.ts'

/**
 * A process and its descendants. One that was seen as a descendant stays one when its parent dies and init adopts it;
 * a process is its pid and its start time, so a reused pid is another process.
 */
export class ProcessTree {
  readonly root: number
  /** Everything in the root's session belongs to the tree, even if its parents were never seen. */
  readonly #ownsSession: boolean
  readonly #listing: Listing = procAvailable() ? new ProcListing() : new PsListing()
  /** Start times of members by pid. */
  readonly #members = new Map<number, number>()
  #rootSeen = false

  constructor(root: number, options: { ownsSession?: boolean } = {}) {
    this.root = root
    this.#ownsSession = options.ownsSession ?? false
  }

  /**
   * The live processes of the tree, the root first while it lives, in order of their start.
   * Takes about 0.1 ms with /proc; without, it gives what `ps` said at most a second or so ago and never waits.
   */
  list(): TargetProcess[] {
    const listed = this.#listing.list(new Set([this.root, ...this.#members.keys()]))
    this.#dropGone(listed)
    this.#findNew(listed)
    return this.#live(listed).map(({ pid, ppid, command }) => ({ pid, ppid, command: command() }))
  }

  /** The same, surely as of now. */
  async refresh(): Promise<TargetProcess[]> {
    await this.#listing.refresh()
    return this.list()
  }

  #dropGone(listed: ReadonlyMap<number, ListedProcess>): void {
    for (const [pid, start] of this.#members) {
      const now = listed.get(pid)
      if (!now || Math.abs(now.start - start) > this.#listing.startTolerance) this.#members.delete(pid)
    }
  }

  #findNew(listed: ReadonlyMap<number, ListedProcess>): void {
    const root = listed.get(this.root)
    if (root && !this.#rootSeen) {
      this.#rootSeen = true
      this.#members.set(this.root, root.start)
    }
    // Once all are dead the root's pid, and with it its session's number, may be another's.
    if (this.#members.size === 0) return
    let found
    do {
      found = false
      for (const entry of listed.values()) {
        if (this.#members.has(entry.pid) || !this.#belongs(entry)) continue
        this.#members.set(entry.pid, entry.start)
        found = true
      }
    } while (found)
  }

  #belongs({ pid, ppid, start, session }: ListedProcess): boolean {
    // Holdup itself may run below the process it is attached to, such as a terminal's shell.
    if (pid === process.pid) return false
    if (this.#ownsSession && session === this.root) return true
    const parentStart = this.#members.get(ppid)
    return parentStart !== undefined && start >= parentStart - this.#listing.startTolerance
  }

  #live(listed: ReadonlyMap<number, ListedProcess>): ListedProcess[] {
    const live = [...this.#members.keys()].map((pid) => listed.get(pid)).filter((entry) => entry !== undefined)
    return live.sort(
      (a, b) => Number(b.pid === this.root) - Number(a.pid === this.root) || a.start - b.start || a.pid - b.pid,
    )
  }
}
