/** `thread (4711): worker a`, what py-spy puts below all others; `thread (0x7F…)` where it knows no more. */
const THREAD = /^thread \((?:(\d+)|0x[\da-fA-F]+)\)/

export interface FoldedStack {
  /** 0 where Python does not tell: before 3.11 it knows its threads by addresses alone. */
  tid: number
  /** Leaf first. */
  stack: string[]
  samples: number
}

/** Lines of `py-spy record --format raw --threads`: `thread (TID): NAME;outermost;…;leaf SAMPLES`. What is none is left out. */
export function parseFolded(text: string): FoldedStack[] {
  return text.split('\n').flatMap((line) => {
    const space = line.lastIndexOf(' ')
    const samples = Number(line.slice(space + 1))
    if (space <= 0 || !Number.isSafeInteger(samples) || samples <= 0) return []
    const frames = line.slice(0, space).split(';')
    const thread = THREAD.exec(frames[0] ?? '')
    const stack = (thread ? frames.slice(1) : frames).toReversed()
    return [{ tid: Number(thread?.[1] ?? 0), stack, samples }]
  })
}
