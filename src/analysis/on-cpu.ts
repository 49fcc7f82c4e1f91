import type { RecordOf } from '../recording/schema.ts'
import { addStack, createTree } from '../stacks/call-tree.ts'
import { groupBy } from './group-by.ts'
import type { Source } from './index-records.ts'
import type { Profiles } from './signals.ts'
import { nameThreads, threadKey } from './thread-names.ts'
import { stepAt, type TimeSteps } from './time-steps.ts'

type Row = RecordOf<'on-cpu'>['rows'][number]

/** The samples of each native thread, by process and thread, in time order, over the whole recording. */
export function onCpuRows(source: Source): { pid: number; tid: number; rows: Row[] }[] {
  const all = source.of('on-cpu').flatMap(({ pid, rows }) => rows.map((row) => ({ pid, tid: row[0], row })))
  return [...groupBy(all, threadKey).values()].map((samples) => {
    const [{ pid, tid } = { pid: 0, tid: 0 }] = samples
    return { pid, tid, rows: samples.map(({ row }) => row).toSorted((a, b) => a[1] - b[1]) }
  })
}

/** CPU call trees of native threads, in ms of CPU time, by step where there are steps. */
export function onCpuTrees(source: Source, steps: TimeSteps | null = null): Profiles['threads'] {
  const roleOf = nameThreads(source)
  const [from, to] = source.window
  return onCpuRows(source).map(({ pid, tid, rows }) => {
    const tree = createTree()
    for (const [, t, ms, stack] of rows)
      if (t > from && t <= to)
        addStack(tree, source.stack(stack).toReversed(), ms, steps ? stepAt(steps, t) : undefined)
    return { pid, tid, group: roleOf({ pid, tid }).group, main: false, tree }
  })
}
