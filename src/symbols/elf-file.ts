import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Bytes } from '../units.ts'

const MAGIC = 0x7f454c46
const CLASS_64 = 2
const LITTLE_ENDIAN = 1
const HEADER_BYTES = 64
const SEGMENT_BYTES = 56
const SECTION_BYTES = 64
/** Far more than a linker makes; bounds for a file that makes them up. */
const SEGMENTS_AT_MOST = 256
const SECTIONS_AT_MOST = 4096
const READ_AT_MOST: Bytes = 256e6
const PT_LOAD = 1
const SHT_NOBITS = 8

/** A loaded piece of the file: addresses as linked. */
export interface Segment {
  address: number
  offset: Bytes
  size: Bytes
}

export interface Section {
  name: string
  type: number
  address: number
  offset: Bytes
  size: Bytes
  /** Index of the section it refers to, as a symbol table to its names. */
  link: number
}

/**
 * A 64-bit little-endian ELF file (elf(5)) of which only what is asked for is read. It belongs to the target: whatever its
 * headers say, no read goes outside the file or past 256 MB.
 */
export class ElfFile {
  readonly segments: readonly Segment[]
  readonly sections: readonly Section[]
  readonly #fd: number
  readonly #size: Bytes

  private constructor(fd: number) {
    this.#fd = fd
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw new Error('not an ELF file, nor any file')
    this.#size = stats.size
    const header = this.read(0, HEADER_BYTES)
    if (header.length < HEADER_BYTES || header.readUInt32BE(0) !== MAGIC) throw new Error('not an ELF file')
    if (header[4] !== CLASS_64 || header[5] !== LITTLE_ENDIAN) throw new Error('not a 64-bit little-endian ELF file')
    this.segments = this.#readSegments(wide(header, 32), header.readUInt16LE(56))
    this.sections = this.#readSections(wide(header, 40), header.readUInt16LE(60), header.readUInt16LE(62))
  }

  /** @throws what the file system says, or an Error for a file of another format. */
  static open(path: string): ElfFile {
    // What was put in its place may be a FIFO, which would else be waited for, or a device.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return new ElfFile(fd)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** As much of these bytes as the file has. */
  read(offset: Bytes, size: Bytes): Buffer {
    const most = Math.min(size, READ_AT_MOST, Math.max(0, this.#size - offset))
    // Not from Buffer's pool: what begins at 0 of its memory can be looked at as 32-bit words.
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, most))
    return buffer.subarray(0, most > 0 ? readSync(this.#fd, buffer, 0, most, offset) : 0)
  }

  section(name: string): Section | undefined {
    return this.sections.find((section) => section.name === name)
  }

  /** What a section holds in the file; empty for one that only exists in memory. */
  content({ type, offset, size }: Section): Buffer {
    return type === SHT_NOBITS ? Buffer.alloc(0) : this.read(offset, size)
  }

  #readSegments(offset: Bytes, count: number): Segment[] {
    const table = this.read(offset, Math.min(count, SEGMENTS_AT_MOST) * SEGMENT_BYTES)
    return rows(table, SEGMENT_BYTES)
      .filter((row) => row.readUInt32LE(0) === PT_LOAD)
      .map((row) => ({
        address: wide(row, 16),
        offset: wide(row, 8),
        size: wide(row, 32),
      }))
  }

  #readSections(offset: Bytes, count: number, namesIndex: number): Section[] {
    const table = rows(this.read(offset, Math.min(count, SECTIONS_AT_MOST) * SECTION_BYTES), SECTION_BYTES)
    const namesRow = table[namesIndex]
    const names = namesRow ? this.read(wide(namesRow, 24), wide(namesRow, 32)) : Buffer.alloc(0)
    return table.map((row) => ({
      name: textAt(names, row.readUInt32LE(0)),
      type: row.readUInt32LE(4),
      address: wide(row, 16),
      offset: wide(row, 24),
      size: wide(row, 32),
      link: row.readUInt32LE(40),
    }))
  }
}

/** The text that ends with the first zero byte from `at` on, as all names in ELF files do; '' outside. */
export function textAt(bytes: Buffer, at: number): string {
  if (at >= bytes.length) return ''
  const end = bytes.indexOf(0, at)
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end)
}

function wide(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}

function rows(table: Buffer, size: Bytes): Buffer[] {
  return Array.from({ length: Math.floor(table.length / size) }, (_, i) => table.subarray(i * size, (i + 1) * size))
}
