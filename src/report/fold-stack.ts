import { isApplication } from '../analysis/frames.ts'

/** Some frames of a stack, leaf first; folded under a few words, such as `9 more`, where a reader can do without. */
export interface StackPart {
  frames: readonly string[]
  folded: string | null
}

/** Fewer take no more room than to say that they are left out. */
const WORTH_FOLDING = 2

/** So many frames of a stack to look at: its leaf, and the target's own code, without what the runtime has in between. */
export function foldStack(stack: readonly string[], shown: number): StackPart[] {
  const own = stack.findIndex(isApplication)
  if (own <= WORTH_FOLDING) return [part(stack.slice(0, shown)), ...rest(stack.slice(shown))]
  const between = stack.slice(1, own)
  return [
    part(stack.slice(0, 1)),
    part(between, `${between.length} of the runtime`),
    part(stack.slice(own, own + shown - 1)),
    ...rest(stack.slice(own + shown - 1)),
  ]
}

/** The same as lines: what is folded is one of them. */
export function foldedLines(stack: readonly string[], shown: number, write: (frame: string) => string): string[] {
  return foldStack(stack, shown).flatMap(({ frames, folded }) =>
    folded === null ? frames.map(write) : [`… ${folded}`],
  )
}

function part(frames: readonly string[], folded: string | null = null): StackPart {
  return { frames, folded }
}

function rest(frames: readonly string[]): StackPart[] {
  return frames.length > 0 ? [part(frames, `${frames.length} more`)] : []
}
