import { statSync } from 'node:fs'
import { findDebugFile } from './debug-file.ts'
import { ElfFile, type Segment } from './elf-file.ts'
import { FunctionStarts } from './function-starts.ts'
import { type FunctionSymbol, SymbolTable } from './symbol-table.ts'
import type { Bytes } from '../units.ts'

/** A program or shared object, its symbols in memory; no file stays open. Addresses are as linked. */
export class ElfModule {
  /** The file that knows source lines; null where none does. */
  readonly linesFile: string | null
  readonly #segments: readonly Segment[]
  readonly #own: SymbolTable
  readonly #debug: SymbolTable | null
  readonly #starts: FunctionStarts | null

  /**
   * @param path where holdup can open it; `seenPath` is the target's own name of it, below `root`.
   * @throws what the file system says, or an Error for a file of another format.
   */
  constructor(path: string, seenPath: string, root: string) {
    const elf = ElfFile.open(path)
    try {
      this.#segments = elf.segments
      this.#own = new SymbolTable(elf)
      const stripped = elf.section('.symtab') === undefined
      const debugPath = stripped || !hasLines(elf) ? findDebugFile(elf, seenPath, root) : null
      const debug = debugPath === null ? null : readDebug(debugPath)
      this.#debug = stripped ? (debug?.table ?? null) : null
      this.#starts = stripped ? new FunctionStarts(elf) : null
      this.linesFile = hasLines(elf) ? path : debug?.hasLines ? debugPath : null
    } finally {
      elf.close()
    }
  }

  /** The address, as linked, of a place in the file; null where none of it is loaded. */
  addressOf(offset: Bytes): number | null {
    const segment = this.#segments.find((each) => offset >= each.offset && offset < each.offset + each.size)
    return segment ? offset - segment.offset + segment.address : null
  }

  /** The function that an address lies in; its name is '' where only its place is known. */
  find(address: number): FunctionSymbol | null {
    return this.#debug?.find(address) ?? this.#own.find(address) ?? this.#starts?.find(address) ?? null
  }
}

/** Modules by file, for all processes that have them mapped; one that cannot be read is null. */
export class ModuleCache {
  readonly #modules = new Map<string, ElfModule | null>()

  get(path: string, seenPath: string, root: string): ElfModule | null {
    const key = identity(path)
    if (key === null) return null
    let module = this.#modules.get(key)
    if (module === undefined) this.#modules.set(key, (module = tryModule(path, seenPath, root)))
    return module
  }
}

function identity(path: string): string | null {
  try {
    const stats = statSync(path)
    return stats.isFile() ? `${stats.dev} ${stats.ino} ${stats.mtimeMs}` : null
  } catch {
    return null
  }
}

function tryModule(path: string, seenPath: string, root: string): ElfModule | null {
  try {
    return new ElfModule(path, seenPath, root)
  } catch {
    return null
  }
}

function readDebug(path: string): { table: SymbolTable; hasLines: boolean } | null {
  try {
    const elf = ElfFile.open(path)
    try {
      return { table: new SymbolTable(elf, true), hasLines: hasLines(elf) }
    } finally {
      elf.close()
    }
  } catch {
    return null
  }
}

function hasLines(elf: ElfFile): boolean {
  return elf.section('.debug_line') !== undefined
}
