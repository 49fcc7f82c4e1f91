import { basename } from 'node:path'
import { cpuMsOf } from '../cpu-time.ts'
import type { Milliseconds } from '../units.ts'
import { demangle } from './demangle.ts'
import { type ElfModule, ModuleCache } from './elf-module.ts'
import type { FunctionInMemory } from './function-in-memory.ts'
import { JitMap } from './jit-map.ts'
import { type Mapping, MemoryMap } from './memory-map.ts'
import { SourceLines } from './source-lines.ts'

/** Reading the map takes a lock of the target's; libraries are loaded rarely. */
const REFRESH_EVERY_MS: Milliseconds = 1000
/** A program of 10,000 threads has a map of as many stacks: reading takes a two-hundredth of the time at most, until it would be out of date. */
const PAUSE_TO_READ = 200
const REFRESH_AT_LEAST_EVERY_MS: Milliseconds = 5000
/** Far more places than the threads of one program wait at. */
const FRAMES_KEPT = 65_536

interface Place {
  mapping: Mapping
  module: ElfModule
  /** The address as linked. */
  linked: number
}

/** Names for the addresses of one process. Needs the right to read /proc/PID/maps (as ptrace does); without it all is unknown. */
export class ProcessSymbols {
  readonly #pid: number
  readonly #modules: ModuleCache
  readonly #lines: SourceLines
  readonly #jit: JitMap
  readonly #frames = new Map<number, readonly string[]>()
  readonly #functions = new Map<number, FunctionInMemory | null>()
  readonly #moduleOf = new Map<Mapping, ElfModule | null>()
  #map = new MemoryMap([])
  #readAt: Milliseconds = -Infinity
  #pauseMs: Milliseconds = REFRESH_EVERY_MS

  /** @param modules share one among processes: what they all have mapped is then read once. */
  constructor(pid: number, modules = new ModuleCache(), lines = new SourceLines()) {
    this.#pid = pid
    this.#modules = modules
    this.#lines = lines
    this.#jit = new JitMap(pid)
    this.#refresh()
  }

  /** Whether an address is that of code. */
  isCode(address: number): boolean {
    return address >= this.#map.lowest && address < this.#map.highest && this.#mappingOf(address) !== null
  }

  /** The function that an address lies in; null where no symbol says. */
  functionAt(address: number): FunctionInMemory | null {
    const known = this.#functions.get(address)
    if (known !== undefined) return known
    const place = this.#placeOf(address)
    // Code that is made as the program runs may be replaced.
    if (!place) return this.#jit.find(address)
    const symbol = place.module.find(place.linked)
    const bias = address - place.linked
    const found = symbol && {
      name: symbol.name === '' ? null : demangle(symbol.name),
      start: symbol.start + bias,
      end: symbol.end + bias,
    }
    if (this.#functions.size >= FRAMES_KEPT) this.#functions.clear()
    this.#functions.set(address, found)
    return found
  }

  /**
   * What stands in a stack for an address, leaf first: `function (file:line)`, more than one where the compiler inlined and
   * `resolveLines` was asked for it; `function (module)` without lines, `0x1f30 (module)` without a symbol. Of a return address
   * give the one before it: the next instruction may belong to another line, or function.
   */
  frames(address: number): readonly string[] {
    const known = this.#frames.get(address)
    if (known) return known
    if (this.#frames.size >= FRAMES_KEPT) this.#frames.clear()
    const frames = this.#describe(address)
    this.#frames.set(address, frames)
    return frames
  }

  /** Looks up source lines, where debug information and a tool for it are there; `frames` shows them from then on. Never rejects. */
  async resolveLines(addresses: Iterable<number>): Promise<void> {
    const wanted = [...addresses].flatMap((address) => {
      const place = this.#placeOf(address)
      return place?.module.linesFile ? [{ address, file: place.module.linesFile, linked: place.linked }] : []
    })
    await this.#lines.resolve(wanted)
    for (const { address } of wanted) this.#frames.delete(address)
  }

  #describe(address: number): string[] {
    const place = this.#placeOf(address)
    const found = this.functionAt(address)
    const name = found?.name ?? null
    if (!place) return [name ?? `(${this.#mappingOf(address)?.path || 'code of no file'})`]
    const lines = this.#lines.known(place.module.linesFile, place.linked)
    if (lines) return lines.map((frame, i) => (i === lines.length - 1 && name ? { ...frame, name } : frame)).map(text)
    // Of a function without a name its beginning, so that all places in it read alike.
    const begins = place.linked - (found ? address - found.start : 0)
    return [`${name ?? `0x${begins.toString(16)}`} (${basename(place.mapping.path)})`]
  }

  #placeOf(address: number): Place | null {
    const mapping = this.#mappingOf(address)
    if (!mapping?.path.startsWith('/')) return null
    const module = this.#moduleIn(mapping)
    const linked = module?.addressOf(address - mapping.start + mapping.offset) ?? null
    return module && linked !== null ? { mapping, module, linked } : null
  }

  #moduleIn(mapping: Mapping): ElfModule | null {
    let module = this.#moduleOf.get(mapping)
    if (module === undefined) {
      const root = `/proc/${this.#pid}/root`
      module =
        (mapping.deleted ? null : this.#modules.get(root + mapping.path, mapping.path, root)) ??
        // A file that was replaced or deleted can still be had through the mapping, where that is permitted.
        this.#modules.get(mappedFile(this.#pid, mapping), mapping.path, root)
      this.#moduleOf.set(mapping, module)
    }
    return module
  }

  #mappingOf(address: number): Mapping | null {
    const mapping = this.#map.find(address)
    if (mapping || performance.now() - this.#readAt < this.#pauseMs) return mapping
    this.#refresh()
    return this.#map.find(address)
  }

  #refresh(): void {
    this.#readAt = performance.now()
    try {
      const tookMs = cpuMsOf(() => (this.#map = MemoryMap.of(this.#pid)))
      this.#pauseMs = Math.min(REFRESH_AT_LEAST_EVERY_MS, Math.max(REFRESH_EVERY_MS, tookMs * PAUSE_TO_READ))
      this.#moduleOf.clear()
      this.#functions.clear()
    } catch {
      // Gone, or not ours to see: what is known stays.
    }
  }
}

function mappedFile(pid: number, { start, end }: Mapping): string {
  return `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`
}

function text({ name, place }: { name: string; place: string }): string {
  return place === '' ? name : `${name} (${place})`
}
