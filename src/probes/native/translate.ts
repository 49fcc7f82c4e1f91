import type { Milliseconds } from '../../units.ts'
import { LIMITS } from '../../recording/schema.ts'
import type { Sink } from '../probe.ts'
import type { TableFrames } from './frames.ts'
import { Growth } from './growth.ts'
import { kindByStack } from './kind-by-stack.ts'
import { addInFlight, lastSign } from './in-flight.ts'
import { KIND_POST, KIND_SPAWN, KIND_UNLOCK, TURNS, WAIT_KINDS } from './layout.ts'
import { parksItself } from './wait-functions.ts'
import type { Loop, Module, Site, Snapshot } from './table.ts'

const MS = 1e-6
/** As long as what a turn's own record takes. */
const LONG_TURN_MS: Milliseconds = 10

/** Turns what the table of one process holds into records, each time of what has changed. */
export class TableTranslator {
  readonly #sink: Sink
  readonly #pid: number
  readonly #epoch: Milliseconds
  readonly #growth = new Growth()
  readonly #frames: TableFrames
  readonly #stacks = new Map<number, { stack: number; frames: readonly string[] }>()
  /** Addresses that were waited for. */
  readonly #locks = new Set<number>()
  /** Threads that were told of: `tid/born`. */
  #known = new Set<string>()
  #turnsSeen = 0
  #aliveAt = 0

  /** `epoch`: CLOCK_MONOTONIC in ms at the recording's `t` = 0. */
  constructor(sink: Sink, pid: number, epoch: Milliseconds, frames: TableFrames) {
    this.#sink = sink
    this.#pid = pid
    this.#frames = frames
    this.#epoch = epoch
  }

  /** `alive`: the process still is; a wait that it died in counts up to its last sign of life. */
  translate(snapshot: Snapshot, alive: boolean): void {
    const t = this.#time(snapshot.at)
    this.#aliveAt = alive ? snapshot.at : lastSign(snapshot, this.#aliveAt)
    const waiting = addInFlight(snapshot, this.#aliveAt)
    for (const site of snapshot.sites) {
      if (site.kind === KIND_SPAWN) this.#spawn(t, site, snapshot.modules)
      else if (site.kind === KIND_UNLOCK) this.#unlock(t, site, snapshot.modules)
      else if (site.kind === KIND_POST) this.#post(t, site)
      else this.#wait(t, site, snapshot.modules, alive ? (waiting.get(site.index) ?? 0) : 0)
    }
    this.#threads(t, snapshot)
    for (const loop of snapshot.loops) this.#loop(t, loop)
    this.#turns(snapshot)
    const accepts = this.#growth.of('accepts', snapshot.accepts)
    const requests = this.#growth.of('requests', snapshot.requests)
    if (accepts + requests > 0) this.#sink.add({ k: 'native-requests', t, pid: this.#pid, accepts, requests })
    const lost = this.#growth.of('lost', snapshot.lost)
    if (lost > 0) this.#sink.add({ k: 'dropped', t, pid: this.#pid, tid: 0, n: lost })
  }

  #wait(t: Milliseconds, site: Site, modules: readonly Module[], waiting: number): void {
    const counted = WAIT_KINDS[site.kind]
    if (!counted) return
    const n = this.#growth.of(`n${site.index}`, site.count)
    const ms = this.#growth.of(`ms${site.index}`, site.nanos) * MS
    if (n === 0 && ms === 0) return
    const waits = this.#growth.ofBuckets(`waits${site.index}`, site.buckets)
    const known = this.#stackOf(site, modules)
    const kind = kindByStack(counted, known?.frames ?? [])
    // The word that a parked thread waits on is its own, not a lock's.
    const isOwn = counted === 'park' && (!isLock(kind) || known?.frames.some(parksItself))
    const lock = site.address && !isOwn ? { lock: hex(site.address) } : {}
    if (lock.lock) this.#locks.add(site.address)
    const stack = known ? { stack: known.stack } : {}
    const max = site.longest * MS
    this.#sink.add({
      k: 'native-wait',
      t,
      pid: this.#pid,
      kind,
      ...lock,
      ...stack,
      n,
      ms,
      max,
      waiting,
      waits,
    })
  }

  #unlock(t: Milliseconds, site: Site, modules: readonly Module[]): void {
    const n = this.#growth.of(`n${site.index}`, site.count)
    if (n === 0) return
    const holds = this.#growth.of(`ended${site.index}`, site.ended)
    const holdMs = this.#growth.of(`ms${site.index}`, site.nanos) * MS
    const stack = this.#stack(site, modules)
    // Writers of Rust's read-write lock are woken by the word after the lock's.
    const { address } = site
    const lock = hex(!this.#locks.has(address) && this.#locks.has(address - 4) ? address - 4 : address)
    this.#sink.add({ k: 'native-unlock', t, pid: this.#pid, lock, ...stack, n, holds, holdMs })
  }

  #post(t: Milliseconds, site: Site): void {
    const n = this.#growth.of(`n${site.index}`, site.count)
    if (n > 0) this.#sink.add({ k: 'native-post', t, pid: this.#pid, lock: hex(site.address), n })
  }

  #spawn(t: Milliseconds, site: Site, modules: readonly Module[]): void {
    const created = this.#growth.of(`n${site.index}`, site.count)
    const exited = this.#growth.of(`ended${site.index}`, site.ended)
    if (created + exited === 0) return
    const lifetimeMs = this.#growth.of(`ms${site.index}`, site.nanos) * MS
    const lifetimes = this.#growth.ofBuckets(`lifetimes${site.index}`, site.buckets)
    const stack = this.#stack(site, modules)
    this.#sink.add({ k: 'native-spawn', t, pid: this.#pid, ...stack, created, exited, lifetimeMs, lifetimes })
  }

  #threads(t: Milliseconds, { threads, sites, modules, spentByExited }: Snapshot): void {
    const known = new Set<string>()
    for (const { tid, born, spawnedAt } of threads) {
      const key = `${tid}/${born}`
      known.add(key)
      if (this.#known.has(key)) continue
      const site = spawnedAt > 0 ? sites[spawnedAt] : undefined
      const stack = site?.kind === KIND_SPAWN ? this.#stack(site, modules) : {}
      this.#sink.add({ k: 'native-thread', t, pid: this.#pid, tid, born: this.#time(born), ...stack })
    }
    this.#known = known
    const spentMs = (spent: readonly number[]) => {
      const [lock = 0, idle = 0, join = 0, unclassified = 0, poll = 0] = spent.map((nanos) => nanos * MS)
      return [lock, idle, join, unclassified, poll] as const
    }
    this.#sink.add({
      k: 'native-threads',
      t,
      pid: this.#pid,
      rows: threads.map(({ tid, spent }) => [tid, ...spentMs(spent)]),
      exited: [...spentMs(spentByExited)],
    })
  }

  #loop(t: Milliseconds, { index, tid, turns: count, nanos, longest, over10Ms, poll, buckets, turnSince }: Loop): void {
    const turns = this.#growth.of(`turns${index}`, count)
    const lasts = tid > 0 && turnSince > 0 ? (this.#aliveAt - turnSince) * MS : 0
    const inTurn = lasts >= LONG_TURN_MS ? { inTurnMs: lasts } : {}
    if (turns === 0 && !inTurn.inTurnMs) return
    const ms = this.#growth.of(`turn-ms${index}`, nanos) * MS
    const over = this.#growth.of(`over${index}`, over10Ms)
    const histogram = this.#growth.ofBuckets(`loop${index}`, buckets)
    const max = longest * MS
    this.#sink.add({
      k: 'native-loop',
      t,
      pid: this.#pid,
      tid,
      poll,
      turns,
      ms,
      max,
      over10Ms: over,
      turnMs: histogram,
      ...inTurn,
    })
  }

  #turns({ turns, turnsUsed }: Snapshot): void {
    const oldest = Math.max(this.#turnsSeen, turnsUsed - TURNS.most)
    for (let n = oldest; n < turnsUsed; n++) {
      const turn = turns[n % TURNS.most]
      if (!turn || turn.endedAt === 0) continue
      const { tid, endedAt, nanos } = turn
      this.#sink.add({ k: 'native-turn', t: this.#time(endedAt), pid: this.#pid, tid, ms: nanos * MS })
    }
    this.#turnsSeen = turnsUsed
  }

  #stack(site: Site, modules: readonly Module[]): { stack?: number } {
    const known = this.#stackOf(site, modules)
    return known ? { stack: known.stack } : {}
  }

  #stackOf({ index, frames }: Site, modules: readonly Module[]): { stack: number; frames: readonly string[] } | null {
    if (frames.length === 0) return null
    let known = this.#stacks.get(index)
    if (!known) {
      const named = this.#frames.of(frames, modules).slice(0, LIMITS.frames)
      known = { stack: this.#sink.stack(named), frames: named }
      this.#stacks.set(index, known)
    }
    return known
  }

  #time(nanos: number): Milliseconds {
    return nanos * MS - this.#epoch
  }
}

function isLock(kind: string): boolean {
  return kind === 'futex-lock' || kind.startsWith('rwlock')
}

function hex(address: number): string {
  return `0x${address.toString(16)}`
}
