import { parseFrame } from './call-frame.ts'
import type { ThreadProfile } from './group-trees.ts'
import { stackRuns } from './runs.ts'
import { plainText } from './shown-nodes.ts'
import type { ShownNode } from './shown-nodes.ts'

/** What a speedscope file says about itself, and whether time in which a thread did nothing is named or left blank. */
export interface SpeedscopeOptions {
  name: string
  exporter: string
  idle: boolean
}

/**
 * The text, in pieces, of a file for speedscope: a `sampled` profile each thread, in µs since the recording began. The
 * format: https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
 */
export function* speedscopeFile(
  threads: Iterable<ThreadProfile>,
  { name, exporter, idle }: SpeedscopeOptions,
): Generator<string> {
  const frames = new FrameTable()
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":${JSON.stringify(exporter)}`
  yield `,"name":${JSON.stringify(plainText(name))},"profiles":[`
  let first = true
  for (const thread of threads) {
    yield first ? '\n' : ',\n'
    first = false
    yield* sampledProfile(thread, frames, idle)
  }
  // The table is whole only after the last thread.
  yield `],"shared":{"frames":[\n${frames.json.join(',\n')}]}}\n`
}

function* sampledProfile(thread: ThreadProfile, frames: FrameTable, idle: boolean): Generator<string> {
  const { pid, tid, group, profile } = thread
  const runs = stackRuns(thread, idle)
  const startValue = profile.startTime + (profile.timeDeltas[0] ?? 0)
  const endValue = runs.reduce((sum, { weight }) => sum + weight, startValue)
  const name = JSON.stringify(`${plainText(group)} ${pid}/${tid}`)
  yield `{"type":"sampled","name":${name},"unit":"microseconds","startValue":${startValue},"endValue":${endValue},"samples":[`
  for (const [i, { node }] of runs.entries()) yield `${i > 0 ? ',' : ''}[${frames.stack(node)}]`
  yield `],"weights":[${runs.map(({ weight }) => weight).join(',')}]}`
}

/** The frames of all threads, each once. */
class FrameTable {
  /** Each frame's JSON, by its index. */
  readonly json: string[] = []
  readonly #indexes = new Map<string, number>()
  readonly #stacks = new WeakMap<ShownNode, string>()

  /** Indexes of a stack's frames, root first, joined by commas. */
  stack(node: ShownNode | null): string {
    if (node === null) return ''
    let stack = this.#stacks.get(node)
    if (stack === undefined) {
      stack = [...(node.parent ? [this.stack(node.parent)] : []), this.#index(node.frame)].join(',')
      this.#stacks.set(node, stack)
    }
    return stack
  }

  #index(frame: string): number {
    let index = this.#indexes.get(frame)
    if (index === undefined) {
      index = this.json.length
      this.#indexes.set(frame, index)
      const { functionName: name, url: file, lineNumber, columnNumber } = parseFrame(frame)
      const line = lineNumber >= 0 ? { line: lineNumber + 1 } : {}
      const col = columnNumber >= 0 ? { col: columnNumber + 1 } : {}
      this.json.push(JSON.stringify({ name, ...(file !== '' && { file }), ...line, ...col }))
    }
    return index
  }
}
