/** What the fields of a recording are made of. */
import * as v from 'valibot'

/** Bounds that every reader holds a recording to: it is hostile input. */
export const LIMITS = {
  text: 4096,
  lineBytes: 16 << 20,
  list: 100_000,
  profile: 1_000_000,
  frames: 256,
  /** Of the whole recording, decompressed. */
  totalBytes: 2 ** 31,
}

export const num = v.pipe(v.number(), v.finite())
export const id = v.pipe(v.number(), v.integer(), v.minValue(0))
export const text = v.pipe(v.string(), v.maxLength(LIMITS.text))
export const list = <const T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.maxLength(LIMITS.list))
/** `[value, count]` pairs: a histogram whatever its bucket scheme; values in milliseconds. */
export const histogram = list(v.tuple([num, num]))
export const fidelity = v.picklist(['exact', 'sampled'])

/** A kind of record: what all have, and its own. */
export const record = <const K extends string, const E extends v.ObjectEntries>(k: K, entries: E) =>
  v.object({ k: v.literal(k), t: num, ...entries })
/** Whose record it is: process and operating-system thread. */
export const thread = { pid: id, tid: id }
