import { addStack, type CallTree, createTree } from '../stacks/call-tree.ts'
import type { Stall } from './signals.ts'
import { stepAt, type TimeSteps } from './time-steps.ts'

/** In place of the stacks of a stall that no sample lies in. */
const UNSEEN = '(not sampled)'
const QUEUED = '(waits for a core)'

/**
 * What main threads did in their stalls, in ms: the heaviest stacks of each stand for all of it but what it waited for a core. A stall lies in
 * the step in which it ends.
 */
export function stallTree(stalls: readonly Stall[], steps: TimeSteps | null = null): CallTree {
  const tree = createTree()
  for (const { t, ms, queuedMs, stacks } of stalls) {
    const step = steps ? stepAt(steps, t) : undefined
    const queued = Math.min(ms, queuedMs ?? 0)
    if (queued > 0) addStack(tree, [QUEUED], queued, step)
    const seen = stacks.reduce((sum, { share }) => sum + share, 0)
    if (seen === 0) addStack(tree, [UNSEEN], ms - queued, step)
    else for (const { stack, share } of stacks) addStack(tree, stack.toReversed(), ((ms - queued) * share) / seen, step)
  }
  return tree
}

/** Where threads or workers are created, by their number. */
export function creationTree(creators: readonly { stack: readonly string[]; count: number }[]): CallTree {
  const tree = createTree()
  for (const { stack, count } of creators) addStack(tree, stack.toReversed(), count)
  return tree
}
