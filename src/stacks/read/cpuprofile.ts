import { shownFrame } from '../../analysis/frames.ts'
import { formatFrame } from '../call-frame.ts'
import { isOffCpu } from '../shown-nodes.ts'
import { ProfileError, type WeighedTree } from './read-profile.ts'
import { StackSums } from './stack-sums.ts'

const US_PER_MS = 1000
/** A parent that is its own ancestor would have no end. */
const MOST_FRAMES = 512

interface Node {
  frame: string
  parent: number | null
  hits: number
}

/** Reads V8's .cpuprofile: its time in ms, what the thread did not work in left out. Throws ProfileError where it is none. */
export function readCpuProfile(text: string): WeighedTree[] {
  const profile = parse(text)
  const nodes = readNodes(profile)
  const { weights, unit } = weigh(profile, nodes)
  const sums = new StackSums('all')
  for (const [id, weight] of weights) {
    const stack = stackOf(nodes, id)
    if (stack.length > 0 && !isOffCpu(stack.at(-1) ?? '')) sums.add(stack, weight)
  }
  if (sums.tree.total === 0) throw new ProfileError('its thread was idle in every sample')
  return [{ name: unit === 'ms' ? 'CPU' : 'samples', unit, tree: sums.tree }]
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw new ProfileError(`it is no JSON: ${(error as Error).message}`, { cause: error })
  }
  throw new ProfileError('its JSON is no object')
}

function readNodes({ nodes }: Record<string, unknown>): Map<number, Node> {
  const known = new Map<number, Node>()
  const parents = new Map<number, number>()
  for (const each of listOf(nodes)) {
    const node = (each ?? {}) as Record<string, unknown>
    const { functionName, url, lineNumber, columnNumber } = (node['callFrame'] ?? {}) as Record<string, unknown>
    if (typeof node['id'] !== 'number') throw new ProfileError('one of its nodes has no id')
    const frame = formatFrame({
      functionName: textOf(functionName) || '(anonymous)',
      scriptId: '0',
      url: textOf(url),
      lineNumber: numberOf(lineNumber, -1),
      columnNumber: numberOf(columnNumber, -1),
    })
    known.set(node['id'], { frame, parent: numberOf(node['parent'], null), hits: numberOf(node['hitCount'], 0) })
    for (const child of listOf(node['children'])) if (typeof child === 'number') parents.set(child, node['id'])
  }
  if (known.size === 0) throw new ProfileError('it has no "nodes"')
  for (const [id, node] of known) node.parent = parents.get(id) ?? node.parent
  return known
}

/** By node: each sample stands until the next one; without their times the nodes' own counts. */
function weigh(
  { samples, timeDeltas, startTime, endTime }: Record<string, unknown>,
  nodes: ReadonlyMap<number, Node>,
): { weights: Map<number, number>; unit: string } {
  const ids = listOf(samples)
  const deltas = listOf(timeDeltas)
  if (ids.length === 0 || deltas.length === 0)
    return { weights: new Map([...nodes].map(([id, { hits }]) => [id, hits])), unit: 'samples' }
  const weights = new Map<number, number>()
  const length = deltas.reduce<number>((sum, delta) => sum + numberOf(delta, 0), 0)
  const last = Math.max(0, numberOf(endTime, 0) - numberOf(startTime, 0) - length)
  ids.forEach((id, i) => {
    const us = i + 1 < ids.length ? numberOf(deltas[i + 1], 0) : last
    if (typeof id === 'number' && us > 0) weights.set(id, (weights.get(id) ?? 0) + us / US_PER_MS)
  })
  return { weights, unit: 'ms' }
}

/** Root first, without V8's own root; empty where there is no such node. */
function stackOf(nodes: ReadonlyMap<number, Node>, id: number): string[] {
  const frames: string[] = []
  for (let node = nodes.get(id); node && frames.length < MOST_FRAMES; node = nodes.get(node.parent ?? NaN))
    frames.push(node.frame)
  return frames.reverse().reduce<string[]>((stack, frame) => {
    const shown = frame === '(root)' ? null : shownFrame(frame, stack.at(-1))
    if (shown !== null) stack.push(shown)
    return stack
  }, [])
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
