/** The CPU flamegraphs of two sets in one tree, so that what changed can be coloured. */
import type { PackedTree, Report } from '../report/model.ts'
import { windowSeconds } from '../report/thread-states.ts'
import type { Milliseconds, Ratio } from '../units.ts'
import type { SetComparison } from './sets.ts'

/** `[frame index, self before, total before, self after, total after, children]`. */
export type DiffTree = [number, Milliseconds, Milliseconds, Milliseconds, Milliseconds, DiffTree[]]

/** One thread group's CPU of both sets; weights in milliseconds `per`. */
export interface DiffFlame {
  name: string
  per: 'request' | 'second'
  frames: string[]
  root: DiffTree
}

/** What the page of a comparison shows. */
export interface ComparisonPage {
  comparison: SetComparison
  flames: DiffFlame[]
}

/** Of the CPU that a group used its profile has less than this: only some of its threads were profiled. */
const PROFILED: Ratio = 0.67
/** Branches under this share of the whole are too narrow to be seen. */
const NARROWEST = 0.0005

interface Node {
  frame: string
  /** Self and total of each side. */
  weights: [number, number, number, number]
  children: Map<string, Node>
}

/**
 * Flamegraphs by thread group, largest first. All runs of a set are added up and divided by the requests that they served (by
 * their seconds where those were not counted), so that sets of different loads and lengths compare; a group of which some threads
 * were profiled stands for all of them.
 */
export function diffFlames(before: readonly Report[], after: readonly Report[]): DiffFlame[] {
  const sides = [before, after]
  const perRequest = [...before, ...after].every(({ signals }) => (signals.http?.requests ?? 0) > 0)
  const size = (report: Report) => (perRequest ? (report.signals.http?.requests ?? 0) : windowSeconds(report))
  const groups = new Map<string, Node>()
  sides.forEach((reports, side) => {
    const sum = reports.reduce((total, report) => total + size(report), 0)
    if (sum <= 0) return
    for (const { flames, threadTime } of reports)
      for (const { name, kind, frames, root } of flames) {
        if (kind !== 'cpu') continue
        const used = (threadTime.find(({ group }) => name === `CPU: ${group}`)?.seconds.onCpu ?? 0) * 1000
        const profiled = root[2]
        const all = profiled > 0 && profiled < used * PROFILED ? used / profiled : 1
        const node = groups.get(name) ?? emptyNode(name)
        groups.set(name, node)
        addTree(node, root, { frames, side, scale: all / sum })
      }
  })
  return [...groups]
    .map(([name, node]) => ({ name, per: perRequest ? ('request' as const) : ('second' as const), ...pack(node) }))
    .toSorted((a, b) => largest(b.root) - largest(a.root))
}

function emptyNode(frame: string): Node {
  return { frame, weights: [0, 0, 0, 0], children: new Map() }
}

function addTree(
  into: Node,
  [, self, total, children]: PackedTree,
  of: { frames: readonly string[]; side: number; scale: number },
): void {
  const at = of.side * 2
  into.weights[at] = (into.weights[at] ?? 0) + self * of.scale
  into.weights[at + 1] = (into.weights[at + 1] ?? 0) + total * of.scale
  for (const child of children) {
    const frame = of.frames[child[0]] ?? '?'
    const node = into.children.get(frame) ?? emptyNode(frame)
    into.children.set(frame, node)
    addTree(node, child, of)
  }
}

function pack(root: Node): { frames: string[]; root: DiffTree } {
  const index = new Map<string, number>()
  const total = ({ weights }: Node) => Math.max(weights[1], weights[3])
  const least = total(root) * NARROWEST
  const walk = (node: Node): DiffTree => {
    const at = index.get(node.frame) ?? index.size
    index.set(node.frame, at)
    const children = [...node.children.values()].filter((child) => total(child) >= least)
    return [at, ...node.weights, children.toSorted((a, b) => total(b) - total(a)).map(walk)]
  }
  const packed = walk(root)
  return { frames: [...index.keys()], root: packed }
}

function largest([, , before, , after]: DiffTree): number {
  return Math.max(before, after)
}
