import type { Microseconds } from '../units.ts'
import { createTree } from './call-tree.ts'
import type { CallTree } from './call-tree.ts'
import { sampleWeights } from './cpuprofile.ts'
import type { CpuProfile } from './cpuprofile.ts'
import { mergeTrees } from './pack.ts'
import { isOffCpu, shownNodes } from './shown-nodes.ts'
import type { ShownNode } from './shown-nodes.ts'

/** The CPU profile of one thread. */
export interface ThreadProfile {
  pid: number
  tid: number
  group: string
  profile: CpuProfile
}

/** All profiled threads of one group in one tree, in µs. */
export interface GroupTree {
  group: string
  threads: number
  tree: CallTree
}

/**
 * One call tree a thread group, in µs of wall time. Without `idle` the samples in which a thread did nothing are left out;
 * a group that never did anything has an empty tree.
 */
export function groupTrees(threads: Iterable<ThreadProfile>, idle: boolean): GroupTree[] {
  const groups = new Map<string, CallTree[]>()
  for (const { group, profile } of threads) {
    const trees = groups.get(group) ?? []
    groups.set(group, trees)
    trees.push(threadTree(profile, idle))
  }
  return [...groups].map(([group, trees]) => ({ group, threads: trees.length, tree: mergeTrees(trees, group) }))
}

function threadTree(profile: CpuProfile, idle: boolean): CallTree {
  const root = createTree()
  const trees = new Map<ShownNode, CallTree>()
  const treeOf = (node: ShownNode | null): CallTree => {
    if (node === null) return root
    let tree = trees.get(node)
    if (!tree) {
      tree = createTree(node.frame)
      trees.set(node, tree)
      treeOf(node.parent).children.push(tree)
    }
    return tree
  }
  for (const [node, weight] of weighNodes(profile)) {
    if (node !== null && !idle && isOffCpu(node.frame)) continue
    treeOf(node).self += weight
    root.total += weight
    for (let above = node; above !== null; above = above.parent) treeOf(above).total += weight
  }
  return root
}

/** Each shown node with a weight of its own. */
function weighNodes(profile: CpuProfile): Map<ShownNode | null, Microseconds> {
  const shown = shownNodes(profile)
  const weights = sampleWeights(profile)
  const sums = new Map<ShownNode | null, Microseconds>()
  profile.samples.forEach((id, i) => {
    const weight = weights[i] ?? 0
    const node = shown.get(id) ?? null
    if (weight > 0) sums.set(node, (sums.get(node) ?? 0) + weight)
  })
  return sums
}
