import { type CallTree, createTree } from '../call-tree.ts'
import { plainText } from '../shown-nodes.ts'

/** Deeper frames count to the deepest that is kept. */
const MOST_FRAMES = 512
/** Of a whole tree: frames beyond it count to their caller. */
const MOST_NODES = 100_000

/** Adds up stacks into one call tree of bounded size, however many they are. */
export class StackSums {
  readonly tree: CallTree
  readonly #children = new Map<CallTree, Map<string, CallTree>>()
  #nodes = 0

  constructor(name: string) {
    this.tree = createTree(plainText(name))
  }

  /** `stack` is root first. What weighs nothing or less is left out. */
  add(stack: readonly string[], weight: number): void {
    if (!(weight > 0) || !Number.isFinite(weight)) return
    let node = this.tree
    node.total += weight
    for (const frame of stack.slice(0, MOST_FRAMES)) {
      const child = this.#child(node, frame)
      if (!child) break
      child.total += weight
      node = child
    }
    node.self += weight
  }

  #child(node: CallTree, frame: string): CallTree | null {
    let children = this.#children.get(node)
    const known = children?.get(frame)
    if (known) return known
    if (this.#nodes >= MOST_NODES) return null
    this.#nodes++
    if (!children) this.#children.set(node, (children = new Map()))
    const child = createTree(plainText(frame))
    children.set(frame, child)
    node.children.push(child)
    return child
  }
}
