import type { RecordOf } from '../recording/schema.ts'

interface Node {
  id: number
  callFrame: { functionName: string; scriptId: string; url: string; lineNumber: number; columnNumber: number }
  hitCount: number
  children: number[]
}

/** V8's .cpuprofile, as Chrome DevTools, VS Code and speedscope open it. */
export interface CpuProfile {
  nodes: Node[]
  startTime: number
  endTime: number
  samples: number[]
  timeDeltas: number[]
}

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
  for (const piece of pieces) {
    const own = new Map(piece.nodes.map(([id, parent, frame]) => [id, { parent, frame: text(frame) }]))
    const resolved = new Map<number, Node>()
    const resolve = (id: number, depth: number): Node => {
      const node = own.get(id)
      const done = resolved.get(id)
      if (done) return done
      if (!node || depth > 512 || node.frame === '(root)') return root
      const parent = resolve(node.parent, depth + 1)
      const key = `${parent.id} ${node.frame}`
      let found = byPath.get(key)
      if (!found) {
        found = { id: nodes.length + 1, callFrame: parseFrame(node.frame), hitCount: 0, children: [] }
        nodes.push(found)
        parent.children.push(found.id)
        byPath.set(key, found)
      }
      resolved.set(id, found)
      return found
    }
    let t = piece.from * 1000
    piece.samples.forEach((sample, i) => {
      t += piece.deltasUs[i] ?? 0
      const node = resolve(sample, 0)
      node.hitCount++
      joined.samples.push(node.id)
      joined.timeDeltas.push(Math.max(0, Math.round(t - clock)))
      clock = Math.max(clock, Math.round(t))
    })
    joined.endTime = Math.max(joined.endTime, clock, Math.round(piece.t * 1000))
  }
  return joined
}

/** `function (file:line:column)` back into V8's parts, which count from 0. */
function parseFrame(frame: string): Node['callFrame'] {
  const match = /^(.*) \((.*?)(?::(\d+))?(?::(\d+))?\)$/s.exec(frame)
  const [, functionName = frame, url = '', line = '0', column = '0'] = match ?? []
  return { functionName, scriptId: '0', url, lineNumber: Number(line) - 1, columnNumber: Number(column) - 1 }
}
