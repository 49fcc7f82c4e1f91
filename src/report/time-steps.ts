/** What a report tells step by step, as sums over a stretch of it. */
import type { ThreadState } from '../analysis/signals.ts'
import type { Seconds } from '../units.ts'
import type { PackedTree, Report } from './model.ts'

type Steps = NonNullable<Report['steps']>
type Stretch = readonly [from: Seconds, to: Seconds]

/** How much of a step lies in the stretch, 0 to 1. */
export function shareOfStep({ from, stepMs }: Steps, step: number, stretch: Stretch): number {
  const start = (from + step * stepMs) / 1000
  const length = stepMs / 1000
  return Math.max(0, Math.min(start + length, stretch[1]) - Math.max(start, stretch[0])) / length
}

/** The report's thread time, over the stretch; null where it is not known by step. */
export function threadTimeWithin(
  { steps, threadTimeSteps, threadTime }: Report,
  stretch: Stretch,
): Report['threadTime'] | null {
  if (!steps || !threadTimeSteps) return null
  const threads = new Map(threadTime.map((group) => [group.group, group.threads]))
  return threadTimeSteps.map(({ group, seconds }) => {
    const sum = (state: ThreadState) =>
      (seconds[state] ?? []).reduce((total, value, step) => total + value * shareOfStep(steps, step, stretch), 0)
    return {
      group,
      threads: threads.get(group) ?? 0,
      seconds: {
        onCpu: sum('onCpu'),
        runnable: sum('runnable'),
        lockWait: sum('lockWait'),
        idleWait: sum('idleWait'),
        ioWait: sum('ioWait'),
        sleeping: sum('sleeping'),
        unknown: sum('unknown'),
      },
    }
  })
}

/** A flamegraph's tree with the weights of the stretch alone; null where these are not known by step. */
export function treeWithin(
  { root, steps: weights }: Report['flames'][number],
  steps: Report['steps'],
  stretch: Stretch,
): PackedTree | null {
  if (!steps || !weights) return null
  const own: number[] = []
  for (const [step, pairs] of weights) {
    const share = shareOfStep(steps, step, stretch)
    if (share === 0) continue
    for (let i = 0; i < pairs.length; i += 2) {
      const node = pairs[i] ?? 0
      own[node] = (own[node] ?? 0) + (pairs[i + 1] ?? 0) * share
    }
  }
  // Nodes are numbered as they stand in the tree, parents first.
  let next = 0
  const walk = ([frame, , , children]: PackedTree): PackedTree => {
    const self = own[next++] ?? 0
    const inside = children.map(walk)
    const total = inside.reduce((sum, child) => sum + child[2], self)
    return [frame, self, total, inside.filter((child) => child[2] > 0)]
  }
  return walk(root)
}
