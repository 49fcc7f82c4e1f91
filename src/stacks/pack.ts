import type { CallTree } from './call-tree.ts'

/** A tree with its frames interned, `[frame index, self, total, children]`: what a report carries. */
export type Packed = [number, number, number, Packed[]]

/** Packs a tree; branches below `minShare` of the whole are cut, their weight stays in their parent's total. */
export function packTree(tree: CallTree, minShare: number): { frames: string[]; root: Packed } {
  const index = new Map<string, number>()
  const least = tree.total * minShare
  const pack = (node: CallTree): Packed => {
    const frame = index.get(node.frame) ?? index.size
    index.set(node.frame, frame)
    const children = node.children.filter((child) => child.total >= least).toSorted((a, b) => b.total - a.total)
    return [frame, round(node.self), round(node.total), children.map(pack)]
  }
  const root = pack(tree)
  return { frames: [...index.keys()], root }
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
    return { frame: name, self: sum('self'), total: sum('total'), children }
  }
  return merge(trees, frame)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
