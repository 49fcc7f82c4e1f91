import { addStack, type CallTree, createTree } from '../stacks/call-tree.ts'
import type { Source } from './index-records.ts'
import type { LockWait } from './signals.ts'
import { blockedState } from './wait-states.ts'

const MS_PER_SECOND = 1000
/** In place of stacks that were not captured, or are not among the heaviest. */
const ELSEWHERE = '(elsewhere)'

/** Where native threads were in calls that block, neither for a lock nor for work, in ms; null where nobody looked. */
export function offCpuTree(source: Source): CallTree | null {
  if (source.of('sampled').length === 0) return null
  const tree = createTree()
  for (const { wait, stack, ms } of source.within('blocked')) {
    const call = source.text(wait)
    const state = blockedState('S', call, true)
    if (state !== 'ioWait' && state !== 'sleeping') continue
    addStack(tree, [...source.stack(stack).toReversed(), call.split(' ')[0] ?? call], ms)
  }
  return tree
}

/** Where threads waited for locks, in ms. */
export function lockWaitTree({ locks }: LockWait): CallTree {
  const tree = createTree()
  for (const { role, kind, waiters, waitSeconds } of locks) {
    // One made of promises holds up no thread.
    if (role !== 'lock' || kind === 'promise-lock') continue
    let placed = 0
    for (const { stack, seconds } of waiters) {
      addStack(tree, stack.toReversed(), seconds * MS_PER_SECOND)
      placed += seconds
    }
    if (waitSeconds > placed) addStack(tree, [ELSEWHERE], (waitSeconds - placed) * MS_PER_SECOND)
  }
  return tree
}
