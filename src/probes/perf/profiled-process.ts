import type { ModuleCache } from '../../symbols/elf-module.ts'
import { ProcessSymbols } from '../../symbols/process-symbols.ts'
import type { SourceLines } from '../../symbols/source-lines.ts'
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
  stack: readonly number[]
}

const IN_KERNEL = '(kernel)'

/** The samples of one process of the target. */
export class ProfiledProcess {
  readonly pid: number
  readonly #memory: ProcessMemory
  readonly #symbols: ProcessSymbols
  readonly #scan: StackScan
  #rows: Row[] = []

  constructor(pid: number, shared: { modules: ModuleCache; lines: SourceLines }) {
    this.pid = pid
    this.#memory = new ProcessMemory(pid)
    this.#symbols = new ProcessSymbols(pid, shared.modules, shared.lines)
    this.#scan = new StackScan(this.#memory, this.#symbols)
  }

  add({ tid, inKernel, pc, stack }: Sample, t: Milliseconds, ms: Milliseconds): void {
    this.#rows.push({ tid, t, ms, inKernel, stack: pc === 0 ? [] : this.#scan.scanCopy(stack, pc) })
  }

  /** Adds the record of what there was since the last call. Waits for source lines where they are to be had. */
  async record(t: Milliseconds, sink: Sink): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return
    this.#rows = []
    await this.#symbols.resolveLines(rows.flatMap(({ stack }) => stack))
    const framesOf = ({ stack, inKernel }: Row) => [
      ...(inKernel ? [IN_KERNEL] : []),
      ...stack.flatMap((address) => this.#symbols.frames(address)),
    ]
    sink.add({
      k: 'on-cpu',
      t,
      pid: this.pid,
      rows: rows.map((row) => [row.tid, rounded(row.t), rounded(row.ms), sink.stack(framesOf(row))]),
    })
  }

  close(): void {
    this.#memory.close()
  }
}

/** To the microsecond: finer digits are noise. */
function rounded(ms: Milliseconds): Milliseconds {
  return Math.round(ms * 1000) / 1000
}
