import type { Profiles } from '../analysis/signals.ts'
import { heaviestStacks } from '../stacks/call-tree.ts'
import type { Place } from './detector.ts'

const PLACES = 3

/** The stacks that take most CPU, of the given threads together; none without a CPU profile. */
export function cpuPlaces(
  profiles: Profiles | null,
  of: (thread: Profiles['threads'][number]) => boolean = () => true,
): Place[] {
  const threads = profiles?.threads.filter(of) ?? []
  const total = threads.reduce((sum, { tree }) => sum + tree.total, 0)
  const weights = new Map<string, { stack: string[]; weight: number }>()
  for (const { tree } of threads) {
    for (const { stack, weight } of heaviestStacks(tree, Infinity)) {
      const key = stack.join('\n')
      weights.set(key, { stack, weight: (weights.get(key)?.weight ?? 0) + weight })
    }
  }
  return [...weights.values()]
    .filter(({ stack }) => stack.some((frame) => frame.includes(' (')))
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, PLACES)
    .map(({ stack, weight }) => ({ role: 'on CPU', stack, share: weight / total }))
}
