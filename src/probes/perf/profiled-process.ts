import { IN_KERNEL, SPINNING } from '../../recording/stack-marks.ts'
import type { ModuleCache } from '../../symbols/elf-module.ts'
import { ProcessSymbols } from '../../symbols/process-symbols.ts'
import type { SourceLines } from '../../symbols/source-lines.ts'
import { AROUND, isSpinLoop } from '../../symbols/spin-loop.ts'
import type { Milliseconds } from '../../units.ts'
import { ProcessMemory } from '../native/process-memory.ts'
import { StackScan } from '../native/stack-scan.ts'
import type { Sink } from '../probe.ts'
import type { Sample } from './sample.ts'

/** As in a record `on-cpu`, its stack as addresses. */
interface Row {
  tid: number
  t: Milliseconds
  ms: Milliseconds
  inKernel: boolean
  /** It was in a loop that only waits. */
  spins: boolean
  stack: readonly number[]
}

/** Calls that give the core to others for a moment: who is in one waits as if it spun. */
const YIELD = /^(__)?sched_yield( |$)/
/** Addresses whose code is remembered. */
const SITES_AT_MOST = 4096

/** The samples of one process of the target. */
export class ProfiledProcess {
  readonly pid: number
  readonly #memory: ProcessMemory
  readonly #symbols: ProcessSymbols
  readonly #scan: StackScan
  #rows: Row[] = []
  /** Whether the code at an address only waits. */
  readonly #spins = new Map<number, boolean>()
  readonly #code = Buffer.alloc(AROUND)

  constructor(pid: number, shared: { modules: ModuleCache; lines: SourceLines }) {
    this.pid = pid
    this.#memory = new ProcessMemory(pid)
    this.#symbols = new ProcessSymbols(pid, shared.modules, shared.lines)
    this.#scan = new StackScan(this.#memory, this.#symbols)
  }

  add({ tid, inKernel, pc, stack }: Sample, t: Milliseconds, ms: Milliseconds): void {
    const spins = pc !== 0 && !inKernel && this.#spinsAt(pc)
    this.#rows.push({ tid, t, ms, inKernel, spins, stack: pc === 0 ? [] : this.#scan.scanCopy(stack, pc) })
  }

  /** Adds the record of what there was since the last call. Waits for source lines where they are to be had. */
  async record(t: Milliseconds, sink: Sink): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return
    this.#rows = []
    await this.#symbols.resolveLines(rows.flatMap(({ stack }) => stack))
    const framesOf = ({ stack, inKernel, spins }: Row) => {
      const frames = stack.flatMap((address) => this.#symbols.frames(address))
      const yields = inKernel && YIELD.test(frames[0] ?? '')
      return [...(spins || yields ? [SPINNING] : inKernel ? [IN_KERNEL] : []), ...frames]
    }
    sink.add({
      k: 'on-cpu',
      t,
      pid: this.pid,
      rows: rows.map((row) => [row.tid, rounded(row.t), rounded(row.ms), sink.stack(framesOf(row))]),
    })
  }

  #spinsAt(pc: number): boolean {
    // Other machines' instructions are not known here.
    if (process.arch !== 'x64') return false
    let spins = this.#spins.get(pc)
    if (spins === undefined) {
      const from = pc - AROUND / 2
      const length = this.#memory.read(from, this.#code)
      spins = length > AROUND / 2 && isSpinLoop(this.#code.subarray(0, length), AROUND / 2)
      if (this.#spins.size < SITES_AT_MOST) this.#spins.set(pc, spins)
    }
    return spins
  }

  close(): void {
    this.#memory.close()
  }
}

/** To the microsecond: finer digits are noise. */
function rounded(ms: Milliseconds): Milliseconds {
  return Math.round(ms * 1000) / 1000
}
