import { parseFrame } from './call-frame.ts'
import { isOffCpu, type ShownNode } from './shown-nodes.ts'

/** In the order of the indexes below; the grey one is what the Firefox Profiler takes where a frame has none. */
const CATEGORIES = [
  { name: 'Other', color: 'grey' },
  { name: 'Code', color: 'yellow' },
  { name: 'Dependency', color: 'green' },
  { name: 'Node', color: 'blue' },
  { name: 'Idle', color: 'transparent' },
]
const OTHER = 0
const CODE = 1
const DEPENDENCY = 2
const NODE = 3
const IDLE = 4

/** The tables that all threads of a profile share: columns of one length each, rows told by their index. */
export class FirefoxTables {
  readonly #strings = new Indexed<string>()
  readonly #sources = new Indexed<number>()
  /** One a distinct frame; functions are told apart by name and file alone. */
  readonly #frames = new Indexed<string>()
  readonly #functions = new Indexed<string>()
  readonly #frame = {
    func: [] as number[],
    category: [] as number[],
    line: [] as (number | null)[],
    column: [] as (number | null)[],
  }
  readonly #func = { name: [] as number[], source: [] as (number | null)[], isJS: [] as boolean[] }
  readonly #stack = { frame: [] as number[], prefix: [] as (number | null)[] }
  readonly #stacks = new WeakMap<ShownNode, number>()
  /** By the stack that it goes on from and its frame: threads share them. */
  readonly #stackIndexes = new Map<string, number>()

  get categories(): object[] {
    return CATEGORIES.map((category) => ({ ...category, subcategories: ['Other'] }))
  }

  /** Index of a stack; null for the empty one. */
  stack(node: ShownNode | null): number | null {
    if (node === null) return null
    const known = this.#stacks.get(node)
    if (known !== undefined) return known
    const prefix = this.stack(node.parent)
    const frame = this.#frameIndex(node.frame)
    const key = `${prefix} ${frame}`
    let index = this.#stackIndexes.get(key)
    if (index === undefined) {
      index = this.#stack.frame.push(frame) - 1
      this.#stack.prefix.push(prefix)
      this.#stackIndexes.set(key, index)
    }
    this.#stacks.set(node, index)
    return index
  }

  /** As the file has them. */
  shared(): object {
    const frames = this.#frame.func.length
    const functions = this.#func.name.length
    const all = <T>(length: number, value: T): T[] => Array.from({ length }, () => value)
    return {
      stackTable: { ...this.#stack, length: this.#stack.frame.length },
      frameTable: {
        ...this.#frame,
        address: all(frames, -1),
        inlineDepth: all(frames, 0),
        subcategory: all(frames, 0),
        nativeSymbol: all(frames, null),
        innerWindowID: all(frames, 0),
        length: frames,
      },
      funcTable: {
        ...this.#func,
        relevantForJS: all(functions, false),
        resource: all(functions, -1),
        lineNumber: all(functions, null),
        columnNumber: all(functions, null),
        length: functions,
      },
      resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
      nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
      sources: { id: all(this.#sources.size, null), filename: this.#sources.values, length: this.#sources.size },
      stringArray: this.#strings.values,
    }
  }

  #frameIndex(text: string): number {
    return this.#frames.at(text, () => {
      const { functionName, url, lineNumber, columnNumber } = parseFrame(text)
      const source = url === '' ? null : this.#sources.at(this.#strings.at(url))
      const func = this.#functions.at(`${functionName} ${url}`, () => {
        this.#func.name.push(this.#strings.at(functionName))
        this.#func.source.push(source)
        this.#func.isJS.push(/\.[cm]?[jt]sx?$/.test(url) || url.startsWith('node:'))
      })
      this.#frame.func.push(func)
      this.#frame.category.push(categoryOf(text, url))
      this.#frame.line.push(lineNumber >= 0 ? lineNumber + 1 : null)
      this.#frame.column.push(columnNumber >= 0 ? columnNumber + 1 : null)
    })
  }
}

function categoryOf(frame: string, url: string): number {
  if (isOffCpu(frame)) return IDLE
  if (url.startsWith('node:')) return NODE
  if (/[/\\]node_modules[/\\]/.test(url)) return DEPENDENCY
  return url === '' ? OTHER : CODE
}

/** Values, each once. */
class Indexed<T> {
  readonly values: T[] = []
  readonly #indexes = new Map<T, number>()

  get size(): number {
    return this.values.length
  }

  /** Its index; `add` is told when it is new. */
  at(value: T, add: () => void = () => {}): number {
    let index = this.#indexes.get(value)
    if (index === undefined) {
      index = this.values.push(value) - 1
      this.#indexes.set(value, index)
      add()
    }
    return index
  }
}
