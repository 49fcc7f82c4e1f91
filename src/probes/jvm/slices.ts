import type { Milliseconds } from '../../units.ts'

/** Of records that each cover so much: a window's edge cuts one in its share. */
const SLICE_MS: Milliseconds = 250

/** The number of the slice in which a time lies. */
export function sliceOf(t: Milliseconds): number {
  return Math.floor(t / SLICE_MS)
}

/** What a record of a slice covers: none reaches past `until`, when its source had told all. */
export function spanOf(slice: number, until: Milliseconds): { from: Milliseconds; t: Milliseconds } {
  const from = slice * SLICE_MS
  return { from, t: Math.max(from, Math.min(from + SLICE_MS, until)) }
}

/** The parts of a span by slice; what lay before the recording is left out. */
export function slicesOf([from, to]: readonly [Milliseconds, Milliseconds]): [slice: number, ms: Milliseconds][] {
  const parts: [number, Milliseconds][] = []
  for (let at = Math.max(0, from); at < to;) {
    const slice = sliceOf(at)
    const end = Math.min(to, (slice + 1) * SLICE_MS)
    parts.push([slice, end - at])
    at = end
  }
  return parts
}
