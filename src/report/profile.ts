/** A profile file as a report has it: flamegraphs alone. */
import type { CallTree } from '../stacks/call-tree.ts'
import { packTree } from '../stacks/pack.ts'
import type { WeighedTree } from '../stacks/read/read-profile.ts'
import type { Report } from './model.ts'

/** Branches of a flamegraph under this share of it are too narrow to be seen. */
const NARROWEST = 0.0005

/** What the page shows. */
export interface ProfilePage {
  file: string
  generated: Report['generated']
  flames: Report['flames']
}

/** A function, and what it costs itself in the unit of its profile. */
interface HotFunction {
  frame: string
  self: number
}

/** The page of a file's trees. */
export function profilePage(file: string, trees: readonly WeighedTree[], generated: Report['generated']): ProfilePage {
  const flames = trees.map(({ name, unit, tree }) => ({
    name,
    unit,
    kind: 'cpu' as const,
    ...packTree(tree, NARROWEST),
  }))
  return { file, generated, flames }
}

/** Those that cost most themselves, wherever they were called from. */
export function hotFunctions(tree: CallTree, limit: number): HotFunction[] {
  const sums = new Map<string, number>()
  const walk = ({ frame, self, children }: CallTree): void => {
    if (self > 0) sums.set(frame, (sums.get(frame) ?? 0) + self)
    children.forEach(walk)
  }
  tree.children.forEach(walk)
  return [...sums]
    .map(([frame, self]) => ({ frame, self }))
    .toSorted((a, b) => b.self - a.self)
    .slice(0, limit)
}
