/** The flamegraphs of a report: CPU, waits, what ran in stalls, and where threads are made. */
import { lockWaitTree } from '../analysis/blocked-trees.ts'
import { creationTree, stallTree } from '../analysis/event-trees.ts'
import { groupBy } from '../analysis/group-by.ts'
import type { Analysis } from '../analysis/signals.ts'
import { type CallTree, createTree } from '../stacks/call-tree.ts'
import { mergeTrees, packTree } from '../stacks/pack.ts'
import type { Report } from './model.ts'

/** Branches of a flamegraph under this share of it are too narrow to be seen. */
const NARROWEST = 0.0005

interface Flame {
  name: string
  kind: Report['flames'][number]['kind']
  unit?: string
  tree: CallTree
}

/** The heaviest of a kind first; waits for locks before all, where they are more than the CPU. */
export function drawFlames(analysis: Analysis): Report['flames'] {
  const { profiles, lockWait, offCpu, eventLoop, threads, workers } = analysis.signals
  const groups = groupBy(profiles?.threads ?? [], (thread) => thread.group)
  const cpu = [...groups]
    .map(([group, own]): Flame => {
      const trees = own.map(({ tree }) => tree)
      return { name: `CPU: ${group}`, kind: 'cpu', tree: mergeTrees(trees, group) }
    })
    .toSorted((a, b) => b.tree.total - a.tree.total)
  const waits = lockWait ? lockWaitTree(lockWait, analysis.lockStepShares()) : createTree()
  const isHeldUp = waits.total > cpu.reduce((sum, { tree }) => sum + tree.total, 0)
  const lockWaits: Flame = { name: 'Waits for locks', kind: 'lock-wait', tree: waits }
  const all: Flame[] = [
    ...(isHeldUp ? [lockWaits, ...cpu] : [...cpu, lockWaits]),
    { name: 'Off CPU: I/O and sleep', kind: 'off-cpu', tree: offCpu ?? createTree() },
    { name: 'In stalls of main threads', kind: 'stall', tree: stallTree(eventLoop?.stalls ?? [], analysis.steps) },
    { name: 'Where threads are made', kind: 'creation', unit: 'threads', tree: creationTree(threads?.creators ?? []) },
    { name: 'Where workers are made', kind: 'creation', unit: 'workers', tree: creationTree(workers?.creators ?? []) },
  ]
  return all.flatMap(({ tree, unit = 'ms', ...flame }) =>
    tree.total > 0 ? [{ ...flame, unit, ...packTree(tree, NARROWEST) }] : [],
  )
}
