import type { ElfFile } from './elf-file.ts'
import { lastAtOrBefore } from './last-at-or-before.ts'
import type { FunctionSymbol } from './symbol-table.ts'

const HEADER_BYTES = 4
/** Encodings of the two words and the table after the header, as all linkers write them (LSB, "DWARF Exception Header Encoding"). */
const PCREL_SDATA4 = 0x1b
const UDATA4 = 0x03
const DATAREL_SDATA4 = 0x3b
const ROW_BYTES = 8

/**
 * Where functions begin, by the table that exceptions are unwound with (`.eh_frame_hdr`, LSB): it stays in a stripped file. Names it
 * has none: `find` gives ''.
 */
export class FunctionStarts {
  readonly #starts: Float64Array

  constructor(elf: ElfFile) {
    const section = elf.section('.eh_frame_hdr')
    const bytes = section ? elf.content(section) : Buffer.alloc(0)
    const known = bytes[0] === 1 && bytes[1] === PCREL_SDATA4 && bytes[2] === UDATA4 && bytes[3] === DATAREL_SDATA4
    const table = known && section ? bytes.subarray(HEADER_BYTES + 8) : Buffer.alloc(0)
    const rows = Math.floor(table.length / ROW_BYTES)
    const count = rows > 0 ? Math.min(rows, bytes.readUInt32LE(HEADER_BYTES + 4)) : 0
    // It is sorted, but the file is the target's.
    this.#starts = Float64Array.from(
      { length: count },
      (_, i) => (section?.address ?? 0) + table.readInt32LE(i * ROW_BYTES),
    ).sort()
  }

  /** The function that an address lies in, taken to last to the next one; null before the first. */
  find(address: number): FunctionSymbol | null {
    const last = lastAtOrBefore(this.#starts, address)
    const start = this.#starts[last]
    return start === undefined ? null : { name: '', start, end: this.#starts[last + 1] ?? address + 1 }
  }
}
