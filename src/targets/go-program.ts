import { closeSync, openSync, readSync } from 'node:fs'

/** Offsets in a 64-bit ELF header and section header, elf(5). */
const HEADER_BYTES = 64
const SECTION_TABLE_AT = 0x28
const SECTION_BYTES_AT = 0x3a
const SECTION_COUNT_AT = 0x3c
const NAMES_INDEX_AT = 0x3e
const SECTION_FILE_OFFSET_AT = 0x18
const SECTION_SIZE_AT = 0x20
const NAMES_BYTES = 64 << 10

/** Whether an executable was built by Go: it carries the section `.go.buildinfo`, stripped or not. */
export function isGoProgram(path: string): boolean {
  let fd
  try {
    fd = openSync(path, 'r')
    return sectionNames(fd).includes('.go.buildinfo')
  } catch {
    return false
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** The section names of an ELF file, or nothing where it is not one or is malformed. */
function sectionNames(fd: number): string {
  const header = readAt(fd, 0, HEADER_BYTES)
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 5) !== '\x7fELF\x02') return ''
  const sectionBytes = header.readUInt16LE(SECTION_BYTES_AT)
  const namesIndex = header.readUInt16LE(NAMES_INDEX_AT)
  if (namesIndex >= header.readUInt16LE(SECTION_COUNT_AT)) return ''
  const at = Number(header.readBigUInt64LE(SECTION_TABLE_AT)) + namesIndex * sectionBytes
  const section = readAt(fd, at, HEADER_BYTES)
  if (section.length < HEADER_BYTES) return ''
  const size = Math.min(Number(section.readBigUInt64LE(SECTION_SIZE_AT)), NAMES_BYTES)
  return readAt(fd, Number(section.readBigUInt64LE(SECTION_FILE_OFFSET_AT)), size).toString('latin1')
}

function readAt(fd: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, position))
}
