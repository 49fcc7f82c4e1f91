import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Bytes } from '../units.ts'
import { ElfFile, textAt } from './elf-file.ts'

const DEBUG_ROOT = '/usr/lib/debug'
/** A note's header, and the name `GNU` after it. */
const NOTE_BYTES = 16
/** A checksum reads it all. */
const CHECKED_AT_MOST: Bytes = 256e6

/**
 * The path of the separate file that holds a stripped file's symbols and lines, by its build id or its `.gnu_debuglink`, in the
 * places that gdb looks in (its manual, "Separate Debug Files"); null when there is none that surely belongs to it.
 * @param path of the ELF file as the target sees it.
 * @param root what the target sees as `/`.
 */
export function findDebugFile(elf: ElfFile, path: string, root: string): string | null {
  const id = buildId(elf)
  if (id !== '') {
    const file = join(root, DEBUG_ROOT, '.build-id', id.slice(0, 2), `${id.slice(2)}.debug`)
    if (matches(file, (other) => buildId(other) === id)) return file
  }
  const link = elf.section('.gnu_debuglink')
  const content = link ? elf.content(link) : Buffer.alloc(0)
  const name = basename(textAt(content, 0))
  if (name === '' || content.length < 4) return null
  const checksum = content.readUInt32LE(content.length - 4)
  const folder = dirname(path)
  const places = [join(folder, name), join(folder, '.debug', name), join(DEBUG_ROOT, folder, name)]
  for (const place of places) {
    const file = join(root, place)
    if (place !== path && matches(file, (other) => sameBuild(other, file, id, checksum))) return file
  }
  return null
}

/** In hex; '' without one. */
function buildId(elf: ElfFile): string {
  const note = elf.section('.note.gnu.build-id')
  return note ? elf.content(note).toString('hex', NOTE_BYTES) : ''
}

function sameBuild(other: ElfFile, file: string, id: string, checksum: number): boolean {
  const otherId = buildId(other)
  if (id !== '' && otherId !== '') return id === otherId
  return statSync(file).size <= CHECKED_AT_MOST && crc32(readFileSync(file)) === checksum
}

function matches(file: string, test: (elf: ElfFile) => boolean): boolean {
  try {
    const elf = ElfFile.open(file)
    try {
      return test(elf)
    } finally {
      elf.close()
    }
  } catch {
    return false
  }
}
