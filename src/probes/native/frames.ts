import { ModuleCache } from '../../symbols/elf-module.ts'
import { ProcessSymbols } from '../../symbols/process-symbols.ts'
import { SourceLines } from '../../symbols/source-lines.ts'
import type { Module } from './table.ts'

/** What all processes share: a library that each has mapped is read once. */
export class SharedSymbols {
  readonly modules = new ModuleCache()
  readonly lines = new SourceLines()
}

/** Frames for the return addresses in one process' table. */
export class TableFrames {
  readonly #symbols: ProcessSymbols
  readonly #asked = new Set<number>()

  constructor(pid: number, { modules, lines }: SharedSymbols) {
    this.#symbols = new ProcessSymbols(pid, modules, lines)
  }

  /** Looks up the source lines of those that are new. Never rejects. */
  async prepare(returnsTo: Iterable<number>): Promise<void> {
    const fresh = [...returnsTo].map((address) => address - 1).filter((address) => !this.#asked.has(address))
    for (const address of fresh) this.#asked.add(address)
    if (fresh.length > 0) await this.#symbols.resolveLines(fresh)
  }

  /**
   * Leaf first: with inlined functions where lines are known. Of a process that ended before its symbols could be read
   * `module+0xoffset`, the offset in the file of the call.
   */
  of(returnsTo: readonly number[], modules: readonly Module[]): string[] {
    return returnsTo.flatMap((address) =>
      this.#symbols.isCode(address - 1) ? this.#symbols.frames(address - 1) : [placeIn(address - 1, modules)],
    )
  }
}

/** Of code that was unloaded and replaced, the latest mapping counts. */
function placeIn(address: number, modules: readonly Module[]): string {
  const module = modules.findLast(({ start, end }) => address >= start && address < end)
  if (!module?.path.startsWith('/') && !module?.path.startsWith('[')) return `[run-time code]+0x${address.toString(16)}`
  return `${module.path}+0x${(address - module.start + module.offset).toString(16)}`
}
