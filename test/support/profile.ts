import { toCpuProfile } from '../../src/stacks/cpuprofile.ts'
import type { CpuProfile } from '../../src/stacks/cpuprofile.ts'
import type { ThreadProfile } from '../../src/stacks/group-trees.ts'
import type { RecordOf } from '../../src/recording/schema.ts'

const PLACE = '/srv/app/server.mjs'

/** A piece of a profile as its text, and what it is made of. */
interface Drawn {
  piece: RecordOf<'profile'>
  strings: string[]
}

/**
 * Draws a piece of a CPU profile: a line each sample in time order, root first, with how long it stands in µs:
 * `main > search 5000`. A plain word is a function of server.mjs in the line of its length; what has parentheses is a frame
 * as it is.
 */
export function drawPiece(text: string, { from = 0, pid = 10, tid = 10 } = {}): Drawn {
  const strings = ['(root)']
  const nodes: [number, number, number][] = [[1, 0, 0]]
  const samples: number[] = []
  const weights: number[] = []
  for (const line of text.trim().split('\n')) {
    const [, stack = '', weight = ''] = /^\s*(.*?)\s+(\d+)$/.exec(line) ?? []
    let parent = 1
    for (const frame of stack.split(' > ').map(frameOf)) {
      if (!strings.includes(frame)) strings.push(frame)
      const string = strings.indexOf(frame)
      const known = nodes.find(([, above, name]) => above === parent && name === string)
      if (!known) nodes.push([nodes.length + 1, parent, string])
      parent = known?.[0] ?? nodes.length
    }
    samples.push(parent)
    weights.push(Number(weight))
  }
  const t = from + weights.reduce((sum, weight) => sum + weight, 0) / 1000
  const deltasUs = [0, ...weights.slice(0, -1)]
  return { piece: { k: 'profile', t, pid, tid, from, nodes, samples, deltasUs }, strings }
}

/** One drawn piece as a whole profile. */
export function drawProfile(text: string): CpuProfile {
  const { piece, strings } = drawPiece(text)
  return toCpuProfile([piece], (id) => strings[id] ?? '?')
}

/** The same, of a thread. */
export function drawThread(group: string, text: string, tid = 10): ThreadProfile {
  return { pid: 10, tid, group, profile: drawProfile(text) }
}

function frameOf(word: string): string {
  return /\(|\)/.test(word) ? word : `${word} (${PLACE}:${word.length}:1)`
}
