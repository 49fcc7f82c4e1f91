import { addStack, type CallTree, createTree } from '../stacks/call-tree.ts'
import type { Source } from './index-records.ts'
import type { LockStepShares } from './lock-wait-steps.ts'
import type { LockWait } from './signals.ts'
import { stepAt, type TimeSteps } from './time-steps.ts'
import { blockedState } from './wait-states.ts'

const MS_PER_SECOND = 1000
/** In place of stacks that were not captured, or are not among the heaviest. */
const ELSEWHERE = '(elsewhere)'

/** Where native threads were in calls that block, neither for a lock nor for work, in ms; null where nobody looked. */
export function offCpuTree(source: Source, steps: TimeSteps | null = null): CallTree | null {
  if (source.of('sampled').length === 0) return null
  const tree = createTree()
  for (const { t, wait, stack, ms } of source.within('blocked')) {
    const call = source.text(wait)
    const state = blockedState('S', call, true)
    if (state !== 'ioWait' && state !== 'sleeping') continue
    addStack(
      tree,
      [...source.stack(stack).toReversed(), call.split(' ')[0] ?? call],
      ms,
      steps ? stepAt(steps, t) : undefined,
    )
  }
  return tree
}

/**
 * Where threads waited for locks, in ms. `shares` tell by step when; a lock's stacks are taken to be as frequent in each of them, and what a lock
 * without shares cost is in no step.
 */
export function lockWaitTree({ locks }: LockWait, shares: LockStepShares = new Map()): CallTree {
  const tree = createTree()
  const add = (key: string, stack: readonly string[], seconds: number): void => {
    const byStep = shares.get(key)
    if (!byStep) addStack(tree, stack, seconds * MS_PER_SECOND)
    else for (const [step, share] of byStep) addStack(tree, stack, seconds * MS_PER_SECOND * share, step)
  }
  for (const { pid, slot, role, kind, waiters, waitSeconds } of locks) {
    // One made of promises holds up no thread.
    if (role !== 'lock' || kind === 'promise-lock') continue
    let placed = 0
    for (const { stack, seconds } of waiters) {
      add(`${pid} ${slot}`, stack.toReversed(), seconds)
      placed += seconds
    }
    if (waitSeconds > placed) add(`${pid} ${slot}`, [ELSEWHERE], waitSeconds - placed)
  }
  return tree
}
