import { ElfFile } from '../symbols/elf-file.ts'

/** Whether an executable was built by Go: it carries the section `.go.buildinfo`, stripped or not. */
export function isGoProgram(path: string): boolean {
  let elf
  try {
    elf = ElfFile.open(path)
    return elf.section('.go.buildinfo') !== undefined
  } catch {
    return false
  } finally {
    elf?.close()
  }
}
