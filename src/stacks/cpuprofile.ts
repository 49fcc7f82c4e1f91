import type { RecordOf } from '../recording/schema.ts'
import type { Microseconds } from '../units.ts'
import { parseFrame } from './call-frame.ts'
import type { CallFrame } from './call-frame.ts'

interface Node {
  id: number
  callFrame: CallFrame
  hitCount: number
  children: number[]
}

/** V8's .cpuprofile, as Chrome DevTools, VS Code and speedscope open it. */
export interface CpuProfile {
  /** A parent stands before its children. */
  nodes: Node[]
  startTime: Microseconds
  endTime: Microseconds
  samples: number[]
  timeDeltas: Microseconds[]
}

/** The frame of a time whose piece of the profile is lost: else it would count to the last sample before. */
export const NOT_RECORDED = '(not recorded)'
/** A piece begins before the one before it ends; two samples of a crowded worker are 40 ms apart. */
const GAP_US = 100_000

/** Joins the pieces of one thread's CPU profile into one .cpuprofile; times in µs since the recording began. */
export function toCpuProfile(pieces: readonly RecordOf<'profile'>[], text: (id: number) => string): CpuProfile {
  const root: Node = { id: 1, callFrame: parseFrame('(root)'), hitCount: 0, children: [] }
  const nodes = [root]
  const byPath = new Map<string, Node>()
  const joined: CpuProfile = {
    nodes,
    startTime: Math.round((pieces[0]?.from ?? 0) * 1000),
    endTime: 0,
    samples: [],
    timeDeltas: [],
  }
  let clock = joined.startTime
  const child = (parent: Node, frame: string): Node => {
    const key = `${parent.id} ${frame}`
    let found = byPath.get(key)
    if (!found) {
      found = { id: nodes.length + 1, callFrame: parseFrame(frame), hitCount: 0, children: [] }
      nodes.push(found)
      parent.children.push(found.id)
      byPath.set(key, found)
    }
    return found
  }
  const add = (node: Node, t: Microseconds): void => {
    node.hitCount++
    joined.samples.push(node.id)
    joined.timeDeltas.push(Math.max(0, Math.round(t - clock)))
    clock = Math.max(clock, Math.round(t))
  }
  for (const piece of pieces) {
    const own = new Map(piece.nodes.map(([id, parent, frame]) => [id, { parent, frame: text(frame) }]))
    const resolved = new Map<number, Node>()
    const resolve = (id: number, depth: number): Node => {
      const node = own.get(id)
      const done = resolved.get(id)
      if (done) return done
      if (!node || depth > 512 || node.frame === '(root)') return root
      const found = child(resolve(node.parent, depth + 1), node.frame)
      resolved.set(id, found)
      return found
    }
    let t = piece.from * 1000
    if (joined.samples.length > 0 && t - joined.endTime > GAP_US) add(child(root, NOT_RECORDED), joined.endTime)
    piece.samples.forEach((sample, i) => {
      t += piece.deltasUs[i] ?? 0
      add(resolve(sample, 0), t)
    })
    joined.endTime = Math.max(joined.endTime, clock, Math.round(piece.t * 1000))
  }
  return joined
}

/** How long each sample of a profile stands, in µs: until the next one, the last until the profile's end. */
export function sampleWeights({ startTime, endTime, timeDeltas }: CpuProfile): Microseconds[] {
  const length = timeDeltas.reduce((sum, delta) => sum + delta, 0)
  const last = Math.max(0, endTime - startTime - length)
  return timeDeltas.map((_, i) => timeDeltas[i + 1] ?? last)
}
