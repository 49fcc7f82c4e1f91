import { rmSync } from 'node:fs'
import type { Probe, ProbeContext } from '../probe.ts'
import { TableFolder } from './folder.ts'
import { SharedSymbols, TableFrames } from './frames.ts'
import { ProcessLife } from './process-life.ts'
import { outerPid, toOuterIds } from './outer-process.ts'
import { NativeTable, type Snapshot } from './table.ts'
import { TableTranslator } from './translate.ts'
import { whyNoAgent } from './why-no-agent.ts'

const PERIOD_MS = 1000
const FOLDER_VARIABLE = 'HOLDUP_NATIVE'
const EXCEPT_NODE_VARIABLE = 'HOLDUP_NATIVE_EXCEPT_NODE'
/** A program of gcc's with the address sanitizer refuses to start where a library is loaded before that: ours is harmless to it. */
const ASAN_VARIABLE = 'ASAN_OPTIONS'
const ANY_ORDER = 'verify_asan_link_order=0'
const ENDED: Tracked['life'] = { goesOn: () => false }
/** A process that runs so long without a table will have none. */
const SETTLED_AFTER = 2

interface Tracked {
  table: NativeTable
  /** As holdup sees it. */
  pid: number
  translator: TableTranslator
  frames: TableFrames
  path: string
  life: Pick<ProcessLife, 'goesOn'>
  toOuter: (snapshot: Snapshot) => Snapshot
}

/** What the native agent counts in every process of a launched target that is linked dynamically. */
export class NativeProbe implements Probe {
  readonly id = 'native'
  readonly fidelity = 'exact'
  readonly signals = ['lock wait', 'threads', 'event loop', 'requests']
  readonly #agent: string
  readonly #exceptNode: boolean
  readonly #folder = new TableFolder()
  readonly #tables = new Map<string, Tracked>()
  /** Paths of tables of which it is not known whose they are. */
  readonly #unknown = new Set<string>()
  readonly #seen = new Map<number, number>()
  readonly #without = new Map<number, string>()
  readonly #withTable = new Set<number>()
  /** Those whose table had no room for something. */
  readonly #full = new Set<number>()
  readonly #symbols = new SharedSymbols()
  #isLoadable = true
  #wasLimited = false
  #sweeping: Promise<void> = Promise.resolve()
  #context: ProbeContext | null = null
  #epoch = 0
  #timer: NodeJS.Timeout | undefined
  #cpuUs = 0
  #dropped = 0

  /** `agent`: path of the built agent; `exceptNode`: Node processes have an agent of their own. */
  constructor(agent: string, { exceptNode = false } = {}) {
    this.#agent = agent
    this.#exceptNode = exceptNode
  }

  get note(): string | undefined {
    if (!this.#isLoadable)
      return 'no native agent: no folder for temporary files may hold programs (all are mounted noexec)'
    const notes = [
      ...(this.#wasLimited ? ['the tables took a quarter of the free memory: no more were made'] : []),
      ...[...this.#without].map(([pid, why]) => `no native agent in pid ${pid}: ${why}`),
      ...[...this.#full].map((pid) => `the agent's table of pid ${pid} is full: what did not fit is not told apart`),
    ]
    return notes.length > 0 ? notes.join('; ') : undefined
  }

  /** Environment for the target so that the loader brings the agent into each of its processes. */
  environment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const given = inherited['LD_PRELOAD']
    const asan = inherited[ASAN_VARIABLE]
    const agent = this.#folder.preloadable(this.#agent)
    this.#isLoadable = agent !== null
    if (agent === null) return {}
    return {
      LD_PRELOAD: given ? `${given}:${agent}` : agent,
      [FOLDER_VARIABLE]: this.#folder.path,
      [ASAN_VARIABLE]: asan ? `${ANY_ORDER}:${asan}` : ANY_ORDER,
      ...(this.#exceptNode && { [EXCEPT_NODE_VARIABLE]: '1' }),
    }
  }

  /** A process that has been there long enough to be known to have no agent. */
  isWithout(pid: number): boolean {
    return (this.#seen.get(pid) ?? 0) >= SETTLED_AFTER && !this.#withTable.has(pid)
  }

  start(context: ProbeContext): void {
    this.#context = context
    this.#epoch = Number(process.hrtime.bigint()) / 1e6 - context.now()
    this.#timer = setInterval(() => void this.#sweepNext(), PERIOD_MS).unref()
    void this.#sweepNext()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweepNext()
    this.close()
  }

  /** Ends what the agents do and takes the folder away; twice is no harm. */
  close(): void {
    clearInterval(this.#timer)
    for (const { table } of this.#tables.values()) {
      table.end()
      table.close()
    }
    this.#tables.clear()
    this.#folder.remove()
  }

  cost(): { cpuSeconds: number; dropped: number } {
    return { cpuSeconds: this.#cpuUs / 1e6, dropped: this.#dropped }
  }

  /** One after the other, for a sweep waits for source lines. */
  #sweepNext(): Promise<void> {
    return (this.#sweeping = this.#sweeping.then(() => this.#sweep()))
  }

  async #sweep(): Promise<void> {
    const before = process.cpuUsage()
    this.#attempt(() => this.#folder.touch())
    this.#attempt(() => (this.#wasLimited = this.#folder.limit() || this.#wasLimited))
    this.#attempt(() => this.#find())
    for (const [path, tracked] of this.#tables) await this.#readOrDrop(path, tracked)
    this.#attempt(() => this.#noteThoseWithout())
    const { user, system } = process.cpuUsage(before)
    this.#cpuUs += user + system
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch {
      this.#dropped++
    }
  }

  #find(): void {
    for (const path of this.#folder.list()) {
      const table = this.#tables.has(path) ? null : NativeTable.open(path)
      if (table && !this.#follow(path, table)) table.close()
    }
  }

  /** False where nobody knows yet whose it is: in a pid namespace of its own a process that has just begun may not have been seen. */
  #follow(path: string, table: NativeTable): boolean {
    if (!this.#context) return false
    const { sink, processes } = this.#context
    const found = outerPid(table, processes())
    if (found === null && !this.#unknown.has(path)) {
      this.#unknown.add(path)
      return false
    }
    this.#unknown.delete(path)
    const pid = found ?? table.pid
    const frames = new TableFrames(pid, this.#symbols)
    const translator = new TableTranslator(sink, pid, this.#epoch, frames)
    const life = found === null ? ENDED : new ProcessLife(pid)
    this.#tables.set(path, { table, pid, path, translator, frames, life, toOuter: toOuterIds(table, pid) })
    this.#withTable.add(pid)
    sink.add({ k: 'native', t: table.createdAt / 1e6 - this.#epoch, pid, libc: table.libc })
    return true
  }

  /** A table that can't be read does not keep the others from being. */
  async #readOrDrop(path: string, tracked: Tracked): Promise<void> {
    try {
      await this.#read(path, tracked)
    } catch {
      this.#dropped++
      this.#drop(path, tracked.table)
    }
  }

  async #read(path: string, tracked: Tracked): Promise<void> {
    const { table, translator, frames, life } = tracked
    // Asked before reading: what a process counts before it dies is in its table then.
    const alive = life.goesOn() && this.#isLatest(tracked)
    const snapshot = tracked.toOuter(table.read())
    if (alive) await frames.prepare(snapshot.sites.flatMap((site) => site.frames))
    translator.translate(snapshot, alive)
    if (snapshot.lost > 0) this.#full.add(tracked.pid)
    if (!alive) this.#drop(path, table)
  }

  #drop(path: string, table: NativeTable): void {
    // `close` may have come in between: its descriptor may be another file's by now.
    if (!this.#tables.delete(path)) return
    table.close()
    rmSync(path, { force: true })
  }

  /** After exec a process has another table, and the older one no longer changes. */
  #isLatest({ pid, table }: Tracked): boolean {
    return ![...this.#tables.values()].some((other) => other.pid === pid && other.table.createdAt > table.createdAt)
  }

  #noteThoseWithout(): void {
    for (const { pid } of this.#context?.processes() ?? []) {
      const sweeps = (this.#seen.get(pid) ?? 0) + 1
      this.#seen.set(pid, sweeps)
      if (sweeps !== SETTLED_AFTER || this.#withTable.has(pid)) continue
      const why = whyNoAgent(pid)
      if (why !== null) this.#without.set(pid, why)
    }
  }
}
