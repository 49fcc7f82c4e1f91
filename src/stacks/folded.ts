import type { CallTree } from './call-tree.ts'
import type { GroupTree } from './group-trees.ts'
import { plainText } from './shown-nodes.ts'

/**
 * Brendan Gregg's collapsed stacks, one line each: `thread group;outermost frame;…;innermost frame µs`.
 * The format: https://github.com/brendangregg/FlameGraph#2-fold-stacks
 */
export function* foldedStacks(groups: readonly GroupTree[]): Generator<string> {
  for (const { group, tree } of groups) yield* lines(tree, foldFrame(plainText(group)))
}

function* lines(node: CallTree, path: string): Generator<string> {
  const self = Math.round(node.self)
  // A number that ends the last frame would be taken for a weight of its own.
  if (self > 0) yield `${path.replace(/\s(?=\d+(?:\.\d*)?$)/, '_')} ${self}\n`
  for (const child of node.children) yield* lines(child, `${path};${foldFrame(child.frame)}`)
}

/** `;` parts frames. */
function foldFrame(frame: string): string {
  return frame.replaceAll(';', ',')
}
