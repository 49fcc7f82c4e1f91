import { ProfileError, type WeighedTree } from './read-profile.ts'
import { StackSums } from './stack-sums.ts'

const LINE = /^(.*\S)[ \t]+(\d+(?:\.\d+)?)$/

/** Reads collapsed stacks, `outermost;…;innermost 12`, line by line. What the numbers count the format does not say. */
export class FoldedReader {
  readonly #sums = new StackSums('all')
  #lines = 0
  #others = 0

  line(text: string): void {
    const line = text.trimEnd()
    if (line === '' || line.startsWith('#')) return
    const [, stack, weight] = LINE.exec(line) ?? []
    if (stack === undefined) this.#others++
    else this.#sums.add(stack.split(';'), Number(weight))
    this.#lines++
  }

  /** Throws ProfileError where it is none. */
  end(): WeighedTree[] {
    const { tree } = this.#sums
    if (this.#lines === 0) throw new ProfileError('it holds no line')
    if (this.#others > this.#lines / 2 || tree.total === 0)
      throw new ProfileError(`${this.#others} of its ${this.#lines} lines do not read "frame;frame number"`)
    return [{ name: 'all', unit: '', tree }]
  }
}
