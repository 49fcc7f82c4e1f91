import { SPINNING } from '../recording/stack-marks.ts'
import { heaviestStacks } from '../stacks/call-tree.ts'
import { onCpuTrees } from './on-cpu.ts'
import type { Source } from './index-records.ts'
import type { Spin } from './signals.ts'

const PLACES = 3

/** What native threads spend in loops that only wait; null where nobody saw what they run. */
export function readSpin(source: Source): Spin | null {
  const trees = onCpuTrees(source).map(({ tree }) => tree)
  const total = trees.reduce((sum, tree) => sum + tree.total, 0)
  if (total === 0) return null
  const byStack = new Map<string, { stack: string[]; ms: number }>()
  for (const { stack, weight } of trees.flatMap((tree) => heaviestStacks(tree, Infinity))) {
    if (stack[0] !== SPINNING) continue
    const own = stack.slice(1)
    const place = byStack.get(own.join('\n')) ?? { stack: own, ms: 0 }
    byStack.set(own.join('\n'), place)
    place.ms += weight
  }
  const places = [...byStack.values()].toSorted((a, b) => b.ms - a.ms)
  const ms = places.reduce((sum, place) => sum + place.ms, 0)
  return {
    share: ms / total,
    cores: ms / source.windowMs,
    places: places.slice(0, PLACES).map(({ stack, ms: here }) => ({ stack, share: here / ms })),
    fidelity: 'sampled',
  }
}
