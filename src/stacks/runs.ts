import type { Microseconds } from '../units.ts'
import { sampleWeights } from './cpuprofile.ts'
import type { ThreadProfile } from './group-trees.ts'
import { isOffCpu, shownNodes } from './shown-nodes.ts'
import type { ShownNode } from './shown-nodes.ts'

/** A stretch of time in one stack; null is the empty one. */
export interface StackRun {
  node: ShownNode | null
  weight: Microseconds
}

/** Samples of a thread that follow each other in the same stack, as one; without `idle` those of idle time have none. */
export function stackRuns({ profile }: ThreadProfile, idle: boolean): StackRun[] {
  const shown = shownNodes(profile)
  const weights = sampleWeights(profile)
  const runs: StackRun[] = []
  profile.samples.forEach((id, i) => {
    const weight = weights[i] ?? 0
    if (weight === 0) return
    const found = shown.get(id) ?? null
    const node = found !== null && !idle && isOffCpu(found.frame) ? null : found
    const last = runs.at(-1)
    if (last?.node === node) last.weight += weight
    else runs.push({ node, weight })
  })
  return runs
}
