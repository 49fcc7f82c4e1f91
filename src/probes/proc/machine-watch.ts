import { ProcessTree } from '../../targets/process-tree.ts'
import type { Milliseconds, Ratio } from '../../units.ts'
import type { Sink } from '../probe.ts'
import { readText } from './cgroup-files.ts'
import { type CoreTimes, parseAllowedCores, parseCoreTimes } from './machine-stat.ts'
import { OtherPrograms } from './others.ts'
import { TreeCpu } from './tree-cpu.ts'

/** Others are named where they use this share of the cores: looking at them all costs more than all the rest here. */
const WORTH_NAMING: Ratio = 0.2
/** Two looks that follow each other: then what was used between them is known. */
const FOLLOWS_MS = 2500
/** What holdup itself has started is listed so often, and where CPU has no owner: a list costs more than the look. */
const LIST_OWN_MS = 10_000
const NO_OWNER: Ratio = 0.05

/** Who uses the cores that the target may run on: the target, holdup with its load, others, or another machine of the same host. */
export class MachineWatch {
  readonly #sink: Sink
  readonly #tickMs: Milliseconds
  readonly #ownTree = new ProcessTree(process.pid)
  readonly #own = new TreeCpu()
  readonly #target = new TreeCpu()
  readonly #others = new OtherPrograms()
  #ownPids: number[] = []
  #listedAt = -Infinity
  #before: (CoreTimes & { t: Milliseconds }) | null = null

  constructor(sink: Sink, tickMs: Milliseconds) {
    this.#sink = sink
    this.#tickMs = tickMs
  }

  /** Adds what was used since the look before; `pids`: the target's. */
  look(t: Milliseconds, pids: readonly number[]): void {
    const stat = readText('/proc/stat')
    const status = readText(`/proc/${pids[0]}/status`)
    if (stat === null || status === null) return
    const times = { t, ...parseCoreTimes(stat, parseAllowedCores(status), this.#tickMs) }
    const before = this.#before
    this.#before = times
    const ms = t - (before?.t ?? t)
    const most = (ms * times.cores) / this.#tickMs
    if (t - this.#listedAt >= LIST_OWN_MS) this.#listOwn(t, pids)
    let ownMs = this.#own.take(this.#ownPids, most) * this.#tickMs
    const targetMs = this.#target.take(pids, most) * this.#tickMs
    // Of other cores than before nothing can be subtracted.
    if (!before || before.cores !== times.cores || ms <= 0) return
    const since = (field: 'busyMs' | 'idleMs' | 'stealMs') => Math.max(0, times[field] - before[field])
    const busyMs = since('busyMs')
    const { cores } = times
    if (t > this.#listedAt && busyMs - ownMs - targetMs >= NO_OWNER * cores * ms) {
      this.#listOwn(t, pids)
      ownMs += this.#own.take(this.#ownPids, most) * this.#tickMs
    }
    this.#sink.add({
      k: 'machine',
      t,
      cores,
      ms,
      busyMs,
      idleMs: since('idleMs'),
      stealMs: since('stealMs'),
      ownMs,
      targetMs,
    })
    if (busyMs - ownMs - targetMs < WORTH_NAMING * cores * ms) return
    for (const [name, ticks] of this.#others.take(new Set([...this.#ownPids, ...pids]), FOLLOWS_MS))
      this.#sink.add({ k: 'neighbour', t, name, cpuMs: ticks * this.#tickMs })
  }

  #listOwn(t: Milliseconds, targets: readonly number[]): void {
    this.#listedAt = t
    const its = new Set(targets)
    this.#ownPids = this.#ownTree.list().flatMap(({ pid }) => (its.has(pid) ? [] : [pid]))
  }
}
