import { readFileSync, statSync } from 'node:fs'
import { ThreadIds } from '../node/thread-ids.ts'
import type { TargetProcess } from '../probe.ts'
import type { NativeTable, Snapshot } from './table.ts'

/** Whose table it is by the pid that holdup sees; null where none of `processes` is. */
export function outerPid({ pid, namespace }: NativeTable, processes: readonly TargetProcess[]): number | null {
  if (namespace === 0 || namespace === namespaceOf('self')) return pid
  return (
    processes.find((process) => namespaceOf(process.pid) === namespace && innerPid(process.pid) === pid)?.pid ?? null
  )
}

/** Gives what tells threads by the ids that holdup sees in a snapshot of that process' table. */
export function toOuterIds({ pid: inner, namespace }: NativeTable, outer: number): (snapshot: Snapshot) => Snapshot {
  if (inner === outer && namespace === namespaceOf('self')) return (snapshot) => snapshot
  const ids = new ThreadIds(outer)
  return (snapshot) => {
    const known = new Map(snapshot.threads.map(({ tid }) => [tid, ids.outer(tid)]))
    const seen = <T extends { tid: number }>(list: readonly T[]) =>
      list.map((entry) => ({ ...entry, tid: known.get(entry.tid) ?? entry.tid }))
    return { ...snapshot, threads: seen(snapshot.threads), loops: seen(snapshot.loops), turns: seen(snapshot.turns) }
  }
}

/** Neither that of one which is gone nor of one that is not ours to see is known: 0. */
function namespaceOf(pid: number | 'self'): number {
  try {
    return statSync(`/proc/${pid}/ns/pid`).ino
  } catch {
    return 0
  }
}

function innerPid(pid: number): number {
  try {
    return Number(/^NSpid:.*?(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])
  } catch {
    return 0
  }
}
