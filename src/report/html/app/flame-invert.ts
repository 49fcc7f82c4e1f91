/** A flamegraph from the leaves: each function that costs something itself, and below it who called it. */
import type { Frame } from './flame-data.ts'

/** Callers under this share of all are too narrow to be seen, and would be as many as there are stacks. */
const NARROWEST = 0.0005

/** A way up from a function that cost `weight` itself. */
interface Way {
  /** Ancestors, the nearest first; none at the root. */
  at: Link | null
  weight: number
}

interface Link {
  name: string
  above: Link | null
}

/** The same weights, leaf first. */
export function invert(root: Frame): Frame {
  const ways: Way[] = []
  const collect = (frame: Frame, above: Link | null): void => {
    const link = { name: frame.name, above }
    if (frame.self > 0) ways.push({ at: link, weight: frame.self })
    for (const child of frame.children) collect(child, link)
  }
  // Not the root itself, which every stack has.
  for (const child of root.children) collect(child, null)
  const total = ways.reduce((sum, { weight }) => sum + weight, 0)
  return { name: root.name, total, self: 0, children: grouped(ways, total * NARROWEST) }
}

function grouped(ways: readonly Way[], least: number): Frame[] {
  const byName = new Map<string, { total: number; self: number; ways: Way[] }>()
  for (const { at, weight } of ways) {
    if (at === null) continue
    let group = byName.get(at.name)
    if (!group) byName.set(at.name, (group = { total: 0, self: 0, ways: [] }))
    group.total += weight
    if (at.above === null) group.self += weight
    else group.ways.push({ at: at.above, weight })
  }
  return [...byName]
    .filter(([, { total }]) => total >= least)
    .map(([name, group]) => ({
      name,
      total: group.total,
      self: group.self,
      children: grouped(group.ways, least),
    }))
}
