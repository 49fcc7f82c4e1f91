/** Packed call trees as flamegraphs and as a list of the functions that cost most themselves. */
import { frameText } from '../../frame.ts'
import type { PackedTree, Report } from '../../model.ts'
import { plainText } from '../../plain-text.ts'

type Flame = Pick<Report['flames'][number], 'frames' | 'root'>

/** A frame of the flamegraph. */
export interface Frame {
  name: string
  /** Weight with all below. */
  total: number
  self: number
  /** Called from it. */
  children: Frame[]
  /** Its colour, and what is said of it, where these are not the usual ones. */
  tint?: string
  note?: string
}

/** The tree of a flamegraph, its names cleaned. */
export function unpack({ frames, root }: Flame): Frame {
  const names = frames.map((frame) => plainText(frameText(frame)))
  const walk = ([index, self, total, children]: PackedTree): Frame => ({
    name: names[index] ?? '?',
    total,
    self,
    children: children.map(walk),
  })
  return walk(root)
}

/** Stacks, leaf first, as one tree below a frame of that name. */
export function frameOfStacks(name: string, stacks: readonly { stack: readonly string[]; weight: number }[]): Frame {
  const root: Frame = { name, total: 0, self: 0, children: [] }
  for (const { stack, weight } of stacks) {
    let at = root
    at.total += weight
    for (const frame of stack.toReversed()) {
      const text = plainText(frameText(frame))
      let child = at.children.find((other) => other.name === text)
      if (!child) at.children.push((child = { name: text, total: 0, self: 0, children: [] }))
      child.total += weight
      at = child
    }
    at.self += weight
  }
  return root
}

/** Functions by the time spent in themselves, most first. */
export function hottest(root: Frame, limit: number): { name: string; self: number }[] {
  const sums = new Map<string, number>()
  const walk = ({ name, self, children }: Frame): void => {
    if (self > 0) sums.set(name, (sums.get(name) ?? 0) + self)
    children.forEach(walk)
  }
  walk(root)
  return [...sums]
    .map(([name, self]) => ({ name, self }))
    .toSorted((a, b) => b.self - a.self)
    .slice(0, limit)
}
