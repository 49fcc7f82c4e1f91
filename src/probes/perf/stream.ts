import type { Bytes } from '../../units.ts'
import { type Attributes, parseAttributes } from './attributes.ts'

/** Magic and its own size; what `perf record -o -` writes is described in the kernel's tools/perf/Documentation/perf.data-file-format.txt. */
const FILE_HEADER: Bytes = 16
const RECORD_HEADER: Bytes = 8
const TRACING_DATA = 66
const ATTRIBUTES = 64

export interface PerfRecord {
  /** PERF_RECORD_…: 2 lost, 7 fork, 9 sample, from perf_event_open(2). */
  type: number
  misc: number
  /** After its header; good until the next record. */
  body: Buffer
  /** Of the samples; null before they are known. */
  attributes: Attributes | null
}

/** Cuts what perf writes to a pipe into its records. */
export class PerfStream {
  readonly #take: (record: PerfRecord) => void
  #rest: Buffer = Buffer.alloc(0)
  #skip: Bytes = FILE_HEADER
  #attributes: Attributes | null = null

  constructor(take: (record: PerfRecord) => void) {
    this.#take = take
  }

  /** @throws RangeError where it is no such stream. */
  push(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (;;) {
      const skipped = Math.min(this.#skip, data.length)
      this.#skip -= skipped
      data = data.subarray(skipped)
      if (data.length < RECORD_HEADER) break
      const size = data.readUInt16LE(6)
      if (size < RECORD_HEADER) throw new RangeError(`a record of ${size} bytes`)
      if (data.length < size) break
      this.#record(data.readUInt32LE(0), data.readUInt16LE(4), data.subarray(RECORD_HEADER, size))
      data = data.subarray(size)
    }
    // A copy: what is left is small, the chunk is not.
    this.#rest = Buffer.from(data)
  }

  #record(type: number, misc: number, body: Buffer): void {
    if (type === ATTRIBUTES) this.#attributes ??= parseAttributes(body)
    // The only record that has more behind it than its size says.
    else if (type === TRACING_DATA) this.#skip = body.readUInt32LE(0)
    else this.#take({ type, misc, body, attributes: this.#attributes })
  }
}
