/** One call tree for every stack-shaped thing: CPU time, lock wait, worker births. Weights are in the unit of its maker. */
export interface CallTree {
  frame: string
  /** Weight of samples that ended here. */
  self: number
  /** Self plus all below. */
  total: number
  children: CallTree[]
  /** Of `self`, what lies in each step of the recording, by its number; where that is known. */
  steps?: Map<number, number>
}

/** An empty tree. */
export function createTree(frame = '(root)'): CallTree {
  return { frame, self: 0, total: 0, children: [] }
}

/** Adds one sample; `stack` is root first, `step` the part of the recording that it lies in. */
export function addStack(tree: CallTree, stack: readonly string[], weight: number, step?: number): void {
  let node = tree
  node.total += weight
  for (const frame of stack) {
    let child = node.children.find((candidate) => candidate.frame === frame)
    if (!child) {
      child = createTree(frame)
      node.children.push(child)
    }
    child.total += weight
    node = child
  }
  node.self += weight
  if (step !== undefined) addSteps(node, [[step, weight]])
}

/** Adds to a node's weights by step. */
export function addSteps(node: CallTree, weights: Iterable<readonly [step: number, weight: number]>): void {
  node.steps ??= new Map()
  for (const [step, weight] of weights) node.steps.set(step, (node.steps.get(step) ?? 0) + weight)
}

/** Every stack with weight of its own, leaf first, heaviest first. */
export function heaviestStacks(tree: CallTree, limit: number): { stack: string[]; weight: number }[] {
  const found: { stack: string[]; weight: number }[] = []
  const walk = (node: CallTree, path: string[]): void => {
    if (node.self > 0) found.push({ stack: path.toReversed(), weight: node.self })
    for (const child of node.children) walk(child, [...path, child.frame])
  }
  walk(tree, [])
  return found.toSorted((a, b) => b.weight - a.weight).slice(0, limit)
}
