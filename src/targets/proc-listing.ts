import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { isZombie, parseStat, type ProcStat } from '../probes/proc/stat.ts'
import { redactCommand } from '../recording/redact.ts'
import type { ListedProcess, Listing } from './listing.ts'

/** A process' parent hardly matters to us before it joins the tree, so it is read once, unless we looked away so long. */
const FORGET_AFTER_MS = 2000
/** A child shows its parent's command line until it execs: read it again while it is young. */
const YOUNG_MS = 1000

interface Known extends ListedProcess {
  seenAt: number
  comm: string
  text: string | null
}

/** Lists through /proc: one readdir, one stat for each process that is new or a member. */
export class ProcListing implements Listing {
  readonly startTolerance = 0
  #known = new Map<number, Known>()
  #listedAt = 0

  list(members: ReadonlySet<number>): ReadonlyMap<number, ListedProcess> {
    const now = performance.now()
    if (now - this.#listedAt > FORGET_AFTER_MS) this.#known.clear()
    this.#listedAt = now
    const listed = new Map<number, Known>()
    for (const name of readdirSync('/proc')) {
      const pid = Number(name)
      if (!Number.isInteger(pid)) continue
      const before = this.#known.get(pid)
      const entry = before && !members.has(pid) ? before : look(pid, before, now)
      if (entry) listed.set(pid, entry)
    }
    this.#known = listed
    return listed
  }

  async refresh(): Promise<void> {
    // list() is always fresh.
  }
}

function look(pid: number, before: Known | undefined, now: number): Known | null {
  const stat = readStat(pid)
  if (stat === null || isZombie(stat)) return null
  const same = before?.start === stat.start ? before : undefined
  const seenAt = same?.seenAt ?? now
  const young = now - seenAt < YOUNG_MS
  const entry: Known = {
    pid,
    ppid: stat.ppid,
    start: stat.start,
    session: stat.session,
    seenAt,
    comm: stat.comm,
    text: !young && same?.comm === stat.comm ? same.text : null,
    command: () => (entry.text ??= redactCommand(readArgv(pid)) || `[${stat.comm}]`),
  }
  return entry
}

/** The stat line of a process, null when it is gone. */
export function readStat(pid: number | 'self'): ProcStat | null {
  const line = readProc(`/proc/${pid}/stat`, 1024)
  return line === null ? null : parseStat(line)
}

/** The words of its command line, as they are; none of a kernel thread, a zombie or what may not be seen. */
export function readArgv(pid: number): string[] {
  const argv = readProc(`/proc/${pid}/cmdline`, 65_536)?.split('\0') ?? []
  if (argv.at(-1) === '') argv.pop()
  return argv
}

/** At most `limit` bytes of a file of /proc, null when it cannot be read. */
export function readProc(path: string, limit: number): string | null {
  let fd
  try {
    fd = openSync(path, 'r')
    const buffer = Buffer.allocUnsafe(limit)
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, limit, 0))
  } catch {
    return null
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
