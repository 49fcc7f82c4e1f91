import { addSteps, type CallTree } from './call-tree.ts'

/** A tree with its frames interned, `[frame index, self, total, children]`: what a report carries. */
export type Packed = [number, number, number, Packed[]]

/** For each step of the recording the nodes that cost something in it, each followed by its own weight. */
export type PackedSteps = [step: number, nodesAndWeights: number[]][]

/**
 * Packs a tree; branches below `minShare` of the whole are cut, their weight stays in their parent's total. `steps`, where it is known,
 * numbers nodes as they stand in the tree, from 0, parents first; what was cut counts to the parent there.
 */
export function packTree(tree: CallTree, minShare: number): { frames: string[]; root: Packed; steps?: PackedSteps } {
  const index = new Map<string, number>()
  const least = tree.total * minShare
  const steps = new Map<number, number[]>()
  let nodes = 0
  const pack = (node: CallTree): Packed => {
    const frame = index.get(node.frame) ?? index.size
    index.set(node.frame, frame)
    const number = nodes++
    for (const [step, weight] of stepsWithCut(node, least)) {
      const row = steps.get(step) ?? []
      steps.set(step, row)
      row.push(number, round(weight))
    }
    const children = node.children.filter((child) => child.total >= least).toSorted((a, b) => b.total - a.total)
    return [frame, round(node.self), round(node.total), children.map(pack)]
  }
  const root = pack(tree)
  const frames = [...index.keys()]
  return steps.size > 0 ? { frames, root, steps: [...steps].toSorted((a, b) => a[0] - b[0]) } : { frames, root }
}

/** The weights by step of a node and of those below it that are too small to be kept. */
function stepsWithCut(node: CallTree, least: number): ReadonlyMap<number, number> {
  const sum: CallTree = { frame: '', self: 0, total: 0, children: [] }
  const add = ({ steps, children }: CallTree): void => {
    if (steps) addSteps(sum, steps)
    children.forEach(add)
  }
  if (node.steps) addSteps(sum, node.steps)
  for (const child of node.children) if (child.total < least) add(child)
  return sum.steps ?? new Map<number, number>()
}

/** Adds the trees of several threads into one. */
export function mergeTrees(trees: readonly CallTree[], frame: string): CallTree {
  const merge = (nodes: readonly CallTree[], name: string): CallTree => {
    const byFrame = new Map<string, CallTree[]>()
    for (const child of nodes.flatMap((node) => node.children)) {
      const same = byFrame.get(child.frame)
      if (same) same.push(child)
      else byFrame.set(child.frame, [child])
    }
    const children = [...byFrame].map(([childFrame, same]) => merge(same, childFrame))
    const sum = (field: 'self' | 'total') => nodes.reduce((total, node) => total + node[field], 0)
    const merged: CallTree = { frame: name, self: sum('self'), total: sum('total'), children }
    for (const { steps } of nodes) if (steps) addSteps(merged, steps)
    return merged
  }
  return merge(trees, frame)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
