import { groupBy } from '../analysis/group-by.ts'
import type { Source } from '../analysis/index-records.ts'
import { onCpuRows } from '../analysis/on-cpu.ts'
import { nameThreads } from '../analysis/thread-names.ts'
import { toCpuProfile } from '../stacks/cpuprofile.ts'
import type { ThreadProfile } from '../stacks/group-trees.ts'
import type { Milliseconds } from '../units.ts'

/** Threads with fewer samples are put together, by process and group: those that live for a request would be thousands. */
const FEWEST = 20
/** Two samples one period apart are so far from touching at the most. */
const JITTER_MS: Milliseconds = 1
const IDLE = '(idle)'

/** The CPU profiles of native threads, in time order; what is put together is laid end to end where it overlaps. */
export function nativeProfiles(source: Source): ThreadProfile[] {
  const roleOf = nameThreads(source)
  const threads = onCpuRows(source).map((thread) => ({ ...thread, group: roleOf(thread).group }))
  const together = groupBy(threads, ({ pid, tid, group, rows }) =>
    rows.length < FEWEST ? `${pid} ${group}` : `${tid}`,
  )
  return [...together.values()].map((members) => {
    const [{ pid, tid, group } = { pid: 0, tid: 0, group: '' }] = members
    const rows = members.flatMap((member) => member.rows).toSorted((a, b) => a[1] - b[1])
    return { pid, tid, group, profile: toProfile(source, pid, tid, rows) }
  })
}

function toProfile(
  source: Source,
  pid: number,
  tid: number,
  rows: ReturnType<typeof onCpuRows>[number]['rows'],
): ThreadProfile['profile'] {
  const texts: string[] = []
  const nodes: [number, number, number][] = []
  const known = new Map<string, number>()
  const nodeOf = (parent: number, frame: string): number => {
    const key = `${parent} ${frame}`
    let node = known.get(key)
    if (node === undefined) {
      known.set(key, (node = nodes.length + 1))
      nodes.push([node, parent, texts.push(frame) - 1])
    }
    return node
  }
  const from = (rows[0]?.[1] ?? 0) - (rows[0]?.[2] ?? 0)
  const samples: number[] = []
  const deltasUs: number[] = []
  let last = from
  const add = (node: number, t: Milliseconds): void => {
    samples.push(node)
    deltasUs.push((t - last) * 1000)
    last = t
  }
  let end = from
  for (const [, t, ms, stack] of rows) {
    const idle = t - ms - end > JITTER_MS
    if (idle) add(nodeOf(0, IDLE), end)
    const start = idle ? t - ms : end
    add(source.stack(stack).reduceRight(nodeOf, 0), start)
    end = start + ms
  }
  return toCpuProfile([{ k: 'profile', t: end, pid, tid, from, nodes, samples, deltasUs }], (id) => texts[id] ?? '')
}
