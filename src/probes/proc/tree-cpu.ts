import { readStat } from '../../targets/proc-listing.ts'

/** What a process has used, its children that it has collected included; in clock ticks. */
interface Used {
  pid: number
  ppid: number
  ticks: number
}

/** CPU of some processes, also of children that lived too short a time to be listed: their parent has it once they are gone. */
export class TreeCpu {
  #before: Map<string, Used> | null = null

  /** Clock ticks since the call before, by the processes of now and then; `most`: what a process that is new can have used since. */
  take(pids: readonly number[], most: number): number {
    const now = new Map<string, Used>()
    for (const pid of pids) {
      const stat = readStat(pid)
      if (!stat) continue
      now.set(`${pid} ${stat.start}`, { pid, ppid: stat.ppid, ticks: stat.cpuTicks + stat.collectedTicks })
    }
    const before = this.#before
    this.#before = now
    if (!before) return 0
    let used = 0
    for (const [key, { ticks }] of now) {
      const then = before.get(key)?.ticks
      if (then !== undefined) used += ticks - then
      // Else it is older: it came into view, and what it used before is of no interest.
      else if (ticks <= most) used += ticks
    }
    const gone = [...before].flatMap(([key, each]) => (now.has(key) ? [] : [each]))
    return used - collected(gone, new Set([...now.values()].map(({ pid }) => pid)))
  }
}

/** Of what is gone the ticks that a living process has by now: its parent, or the parent of that where it is gone too. */
function collected(gone: readonly Used[], live: ReadonlySet<number>): number {
  const parents = new Map(gone.map(({ pid, ppid }) => [pid, ppid]))
  const heirOf = (pid: number) => {
    let heir: number | undefined = pid
    // No more steps than there are processes: pids come back, and could go round in a circle.
    for (let i = 0; i <= gone.length && heir !== undefined && !live.has(heir); i++) heir = parents.get(heir)
    return heir
  }
  return gone.reduce((sum, { ppid, ticks }) => (live.has(heirOf(ppid) ?? -1) ? sum + ticks : sum), 0)
}
