import * as v from 'valibot'
import type { V8Profile, WireMessage, WireRecord } from '../../agents/node/wire.ts'
import { redactFrame } from '../../recording/redact.ts'
import { recordSchemas } from '../../recording/schema.ts'
import type { RecordKind } from '../../recording/schema.ts'
import type { Sink } from '../probe.ts'
import { setNewest } from './newest.ts'

const AGENT = '/agents/node/agent.cjs:'
/** A wrapper of ours stands this near to the leaf, under Node's own frames at most. */
const WRAPPER_DEPTH = 5
/** Whose stacks are kept. */
const THREADS = 10_000

/** Monotonic times on the wire become times of the recording; an agent's stack numbers those of the recording. */
export class Translator {
  /** Records that were no records. */
  invalid = 0
  readonly #sink: Sink
  readonly #epoch: number
  /** Of each thread, those that spoke last at the end. */
  readonly #stacks = new Map<string, Map<number, number>>()

  /** `epoch`: CLOCK_MONOTONIC in ms at the recording's `t` = 0. */
  constructor(sink: Sink, epoch: number) {
    this.#sink = sink
    this.#epoch = epoch
  }

  translate({ pid, tid }: Pick<WireMessage, 'pid' | 'tid'>, record: Exclude<WireRecord, { k: 'bye' }>): void {
    if (record.k === 'define-stack') {
      const frames = withoutAgent(record.frames.split('\n'))
      this.#stacksOf(`${pid}/${tid}`).set(record.id, this.#sink.stack(frames.map(redactFrame)))
      return
    }
    const recorded = record.k === 'v8-profile' ? this.#profile(record) : this.#shift(pid, tid, record)
    const result = v.safeParse(recordSchemas[recorded.k as RecordKind], { ...recorded, pid, tid })
    if (result.success) this.#sink.add(result.output)
    else this.invalid++
  }

  /** Threads come and go by the thousand in some programs: those that have been silent longest are forgotten. */
  #stacksOf(thread: string): Map<number, number> {
    const stacks = this.#stacks.get(thread) ?? new Map<number, number>()
    setNewest(this.#stacks, thread, stacks, THREADS)
    return stacks
  }

  #shift(pid: number, tid: number, record: WireRecord): Record<string, unknown> {
    const shifted: Record<string, unknown> = { ...record }
    for (const field of ['t', 'from', 'since']) {
      const time = shifted[field]
      if (typeof time === 'number') shifted[field] = time - this.#epoch
    }
    if (typeof shifted['stack'] === 'number') {
      const stack = this.#stacks.get(`${pid}/${tid}`)?.get(shifted['stack'])
      if (stack === undefined) delete shifted['stack']
      else shifted['stack'] = stack
    }
    if (record.k === 'gc') shifted['long'] = record.long.map(([end, ms, kind]) => [end - this.#epoch, ms, kind])
    return shifted
  }

  /** V8's times are CLOCK_MONOTONIC in µs. */
  #profile({ everyMs, profile }: Extract<WireRecord, { k: 'v8-profile' }>): Record<string, unknown> {
    const { nodes, startTime, endTime, samples = [], timeDeltas = [] } = profile
    const parents = new Map<number, number>()
    for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node.id)
    return {
      k: 'profile',
      t: endTime / 1000 - this.#epoch,
      from: startTime / 1000 - this.#epoch,
      everyMs,
      nodes: nodes.map((node) => [node.id, parents.get(node.id) ?? 0, this.#sink.string(frameText(node.callFrame))]),
      samples,
      deltasUs: timeDeltas,
    }
  }
}

/** A stack begins with the target's own call, and what the agent put between is left out. */
function withoutAgent(frames: readonly string[]): string[] {
  const isAgent = (frame: string) => frame.includes(AGENT)
  const wrapper = frames.slice(0, WRAPPER_DEPTH).findLastIndex(isAgent)
  return frames.slice(wrapper + 1).filter((frame) => !isAgent(frame))
}

/** `function (file:line:column)`, as the agent's stacks are written; V8 counts lines and columns from 0. */
function frameText({ functionName, url, lineNumber, columnNumber }: V8Profile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  if (!url) return name
  return redactFrame(`${name} (${url}${lineNumber >= 0 ? `:${lineNumber + 1}:${columnNumber + 1}` : ''})`)
}
