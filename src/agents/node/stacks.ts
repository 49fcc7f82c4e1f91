import type { WireRecord } from './wire.ts'

const FRAMES = 24
/** Captures at once. */
const BURST = 50
const KNOWN_STACKS = 2000

type Prepare = typeof Error.prepareStackTrace

/** Leaf first, a frame a line: `function (file:line:column)`. Ours, so that neither source maps nor the target's own hook run. */
const format: NonNullable<Prepare> = (_error, sites) =>
  sites
    .map((site) => {
      const name = site.getFunctionName() ?? '(anonymous)'
      const type = site.isToplevel() ? null : site.getTypeName()
      const method = type && !name.includes('.') && type !== 'Object' ? `${type}.${name}` : name
      // What an inspector evaluated has no file name, only the URL that its source gives itself.
      const file =
        site.getFileName() ||
        site.getScriptNameOrSourceURL() ||
        (site.isNative() ? 'native' : site.isEval() ? 'eval' : '')
      return `${method} (${file}:${site.getLineNumber() ?? 0}:${site.getColumnNumber() ?? 0})`
    })
    .join('\n')

/** Captures stacks at a bounded rate and gives each distinct one a number. */
export class Stacks {
  readonly #known = new Map<string, number>()
  readonly #perSecond: number
  #tokens = BURST
  #filledAt = 0

  /** After the burst. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  get mayCapture(): boolean {
    return this.#tokens >= 1
  }

  /** Makes room for what the rate allows since the last call; `t` in ms. */
  refill(t: number): void {
    this.#tokens = Math.min(BURST, this.#tokens + ((t - this.#filledAt) * this.#perSecond) / 1000)
    this.#filledAt = t
  }

  /** `above`: the frame up to which frames are ours and left out. Undefined when over the rate. */
  capture(above: (...args: never[]) => unknown, out: WireRecord[]): number | undefined {
    if (this.#tokens < 1) return undefined
    this.#tokens--
    const text = stackText(above)
    if (!text) return undefined
    let id = this.#known.get(text)
    if (id === undefined) {
      if (this.#known.size >= KNOWN_STACKS) return undefined
      id = this.#known.size
      this.#known.set(text, id)
      out.push({ k: 'define-stack', id, frames: text })
    }
    return id
  }
}

/** The stack beneath `above`, as `format` writes it. */
export function stackText(above: (...args: never[]) => unknown): string {
  const { stackTraceLimit } = Error
  const prepare: unknown = Reflect.get(Error, 'prepareStackTrace')
  try {
    Error.stackTraceLimit = FRAMES
    Error.prepareStackTrace = format
    const holder: { stack?: string } = {}
    Error.captureStackTrace(holder, above)
    return holder.stack ?? ''
  } catch {
    return '' // Frozen intrinsics.
  } finally {
    try {
      Error.stackTraceLimit = stackTraceLimit
      Reflect.set(Error, 'prepareStackTrace', prepare)
    } catch {
      // Frozen: nothing was changed.
    }
  }
}
