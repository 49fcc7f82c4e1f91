/** Packed call trees as flamegraphs and as a list of the functions that cost most themselves. */
import { frameText } from '../../frame.ts'
import type { PackedTree, Report } from '../../model.ts'
import { plainText } from '../../plain-text.ts'

type Flame = Report['flames'][number]

/** A frame of the flamegraph, under the names that d3-flame-graph reads. */
export interface Frame {
  /** Name. */
  n: string
  /** Weight with all below. */
  v: number
  /** Called from it. */
  c: Frame[]
  self: number
  /** Its colour, and what is said of it, where these are not the usual ones. */
  tint?: string
  note?: string
}

/** The tree of a flamegraph, its names cleaned. */
export function unpack({ frames, root }: Flame): Frame {
  const names = frames.map((frame) => plainText(frameText(frame)))
  const walk = ([index, self, total, children]: PackedTree): Frame => ({
    n: names[index] ?? '?',
    v: total,
    c: children.map(walk),
    self,
  })
  return walk(root)
}

/** Functions by the time spent in themselves, most first. */
export function hottest(root: Frame, limit: number): { name: string; self: number }[] {
  const sums = new Map<string, number>()
  const walk = ({ n, self, c }: Frame): void => {
    if (self > 0) sums.set(n, (sums.get(n) ?? 0) + self)
    c.forEach(walk)
  }
  walk(root)
  return [...sums]
    .map(([name, self]) => ({ name, self }))
    .toSorted((a, b) => b.self - a.self)
    .slice(0, limit)
}
