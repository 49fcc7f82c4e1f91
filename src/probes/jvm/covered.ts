import type { Milliseconds } from '../../units.ts'

type Span = readonly [Milliseconds, Milliseconds]

/** Time that some span has covered: each moment counts once, whatever the order in which spans come. */
export class Covered {
  /** Apart from each other, ascending. */
  #spans: Span[] = []

  /** The parts of a span that no other has covered yet. */
  add([from, to]: Span): Span[] {
    const before = this.#spans.filter(([, end]) => end < from)
    const after = this.#spans.filter(([start]) => start > to)
    const touched = this.#spans.slice(before.length, this.#spans.length - after.length)
    const fresh: Span[] = []
    let at = from
    for (const [start, end] of touched) {
      if (start > at) fresh.push([at, start])
      at = Math.max(at, end)
    }
    if (to > at) fresh.push([at, to])
    const whole: Span = [Math.min(from, touched[0]?.[0] ?? from), Math.max(to, touched.at(-1)?.[1] ?? to)]
    this.#spans = [...before, whole, ...after]
    return fresh
  }

  /** What ended before is not asked for any more. */
  forget(before: Milliseconds): void {
    this.#spans = this.#spans.filter(([, end]) => end >= before)
  }
}
