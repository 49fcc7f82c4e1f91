import type { Chunk } from './jfr/chunk.ts'
import type { Value } from './jfr/values.ts'

/** What a class that the JVM made up is called after: `Main$$Lambda$14`, not `Main$$Lambda$14/0x0000000800c03000`. */
const MADE_UP = /[/+]0x[\da-f]+.*$/
const FRAMES_AT_MOST = 256

/** Threads, classes and stacks of a chunk by their keys in its pools. */
export class Names {
  readonly #chunk: Chunk
  readonly #stacks = new Map<Value | undefined, string[]>()

  constructor(chunk: Chunk) {
    this.#chunk = chunk
  }

  /** The system's id of a thread as the JVM sees it; 0 of none. */
  threadId(key: Value | undefined): number {
    return Number(this.#chunk.pooled('java.lang.Thread', key)?.['osThreadId'] ?? 0)
  }

  /** `com.example.Index$Shard`; '' of none. */
  className(key: Value | undefined): string {
    const name = this.#symbol(this.#chunk.pooled('java.lang.Class', key)?.['name'])
    return name.replace(MADE_UP, '').replaceAll('/', '.')
  }

  /** Leaf first: `com.example.Index$Shard.search (Index.java:12)`, the file by its class, as JFR has no other. */
  stack(key: Value | undefined): string[] {
    let stack = this.#stacks.get(key)
    if (!stack) {
      const frames = this.#chunk.pooled('jdk.types.StackTrace', key)?.['frames']
      stack = Array.isArray(frames) ? frames.slice(0, FRAMES_AT_MOST).map((frame) => this.#frame(frame)) : []
      this.#stacks.set(key, stack)
    }
    return stack
  }

  #frame(frame: { readonly [field: string]: Value }): string {
    const method = this.#chunk.pooled('jdk.types.Method', frame['method'])
    const owner = this.className(method?.['type'])
    const line = Number(frame['lineNumber'])
    const file = /([^.$]+)(\$.*)?$/.exec(owner)?.[1] ?? owner
    return `${owner}.${this.#symbol(method?.['name'])} (${file}.java${line > 0 ? `:${line}` : ''})`
  }

  #symbol(key: Value | undefined): string {
    return this.#chunk.text(this.#chunk.pooled('jdk.types.Symbol', key)?.['string'])
  }
}
