import { parseFrame } from './call-frame.ts'
import type { CallFrame } from './call-frame.ts'
import type { CallTree } from './call-tree.ts'
import type { CpuProfile } from './cpuprofile.ts'
import type { GroupTree } from './group-trees.ts'
import { plainText } from './shown-nodes.ts'

/**
 * All thread groups in one profile that 0x draws whole and true, a top frame each. 0x weighs by hit counts (here µs), prints
 * V8's lines, which count from 0, as they are, writes names into a script of its page, and hides frames that it takes for
 * V8's: parenthesized ones without children, and all that end neither in `.js:LINE`, `.mjs:LINE` nor in a full stop.
 */
export function toZeroXProfile(groups: readonly GroupTree[]): CpuProfile {
  const nodes: CpuProfile['nodes'] = []
  const add = (tree: CallTree, callFrame: CallFrame): number => {
    const node = { id: nodes.length + 1, callFrame, hitCount: Math.round(tree.self), children: [] as number[] }
    nodes.push(node)
    for (const child of tree.children) node.children.push(add(child, zeroXFrame(child.frame)))
    return node.id
  }
  const root = { id: 1, callFrame: parseFrame('(root)'), hitCount: 0, children: [] as number[] }
  nodes.push(root)
  let endTime = 0
  for (const { group, threads, tree } of groups) {
    if (tree.total <= 0) continue
    root.children.push(add(tree, bare(`${plainText(group)} (${threads} ${threads === 1 ? 'thread' : 'threads'})`)))
    endTime += Math.round(tree.total)
  }
  return { nodes, startTime: 0, endTime, samples: [], timeDeltas: [] }
}

/** Text that can't end the script that it is written into. */
export function withoutTags(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›')
}

function zeroXFrame(frame: string): CallFrame {
  const { functionName, url, lineNumber } = parseFrame(withoutTags(frame))
  const name = functionName.replace(/^\((.*)\)$/, '$1').replace(/^\(+/, '') || 'anonymous'
  if (url === '' || lineNumber < 0) return bare(url === '' ? name : `${name} ${url}`)
  return { ...bare(''), functionName: name, url: fileOf(url), lineNumber: lineNumber + 1 }
}

/** A frame of no file. */
function bare(name: string): CallFrame {
  return { functionName: withoutTags(`${name}.`), scriptId: '0', url: '', lineNumber: 0, columnNumber: 0 }
}

/** The file as 0x tells core, dependencies and application apart: core is what has no folder, or begins with `internal/`. */
function fileOf(url: string): string {
  const core = /^node:(.*)$/s.exec(url)?.[1]
  const file =
    core === undefined
      ? url.includes('/')
        ? url
        : `./${url}`
      : core.startsWith('internal/')
        ? core
        : core.replaceAll('/', '.')
  return /\.m?js$/.test(file) ? file : `${file}.js`
}
