import { identifyRuntime, type Runtime } from '../../targets/identify.ts'
import type { Milliseconds, Nanoseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import type { Chunk, FutexWaits, ProcessCounts } from './chunk.ts'
import { recordHolders } from './holders.ts'
import { type Portion, portionsOf } from './portions.ts'
import { isMusl } from './seed.ts'
import type { Sightings } from './sightings.ts'
import { SpentByThreads } from './spent.ts'
import { StackIds } from './stack-ids.ts'

const MS = 1e-6

/** What adds up to one record of waits. */
interface Waited {
  pid: number
  portion: Portion
  n: number
  ns: Nanoseconds
  longest: Nanoseconds
  waiting: number
  waits: Map<number, number>
}

interface KnownProcess {
  runtime: Runtime
  musl: boolean
  spent: SpentByThreads
}

/** Makes records of what the kernel told, as the native agent's: exact in who waited where how long, with the sampler's stacks. */
export class ChunkTranslator {
  readonly #sink: Sink
  readonly #epoch: Milliseconds
  readonly #sightings: Sightings
  readonly #stacks: StackIds
  readonly #processes = new Map<number, KnownProcess>()
  readonly #longest = new Map<string, Nanoseconds>()
  /** How each word was last waited on. */
  readonly #words = new Map<string, FutexWaits>()

  /** `epoch`: CLOCK_MONOTONIC in ms at the recording's `t` = 0. */
  constructor(sink: Sink, epoch: Milliseconds, sightings: Sightings) {
    this.#sink = sink
    this.#epoch = epoch
    this.#sightings = sightings
    this.#stacks = new StackIds(sink)
  }

  /** Waits for source lines where they are to be had. */
  async translate(chunk: Chunk): Promise<void> {
    const t = this.#time(chunk.at)
    for (const process of chunk.processes) this.#begin(process)
    for (const { at, pid, tid, child, command } of chunk.forks)
      this.#sink.add({ k: 'child', t: this.#time(at), pid, tid, child, command })
    for (const { pid, tid, at } of chunk.born) this.#sink.add({ k: 'native-thread', t, pid, tid, born: this.#time(at) })
    const waited = this.#divide(chunk)
    await this.#stacks.prepare([...waited.values()].flatMap(({ portion: { seen } }) => seen ?? []))
    for (const [key, one] of waited) this.#wait(t, key, one)
    const wordOf = (pid: number, address: number) => {
      const word = this.#words.get(`${pid} ${address}`)
      return word ? this.#portions(word, 1) : []
    }
    await recordHolders(t, chunk.wakes, { sink: this.#sink, sightings: this.#sightings, stacks: this.#stacks, wordOf })
    this.#loops(t, chunk)
    for (const { pid, tid, ns } of chunk.polled) this.#processes.get(pid)?.spent.add(tid, 'poll', ns)
    for (const { pid, tid } of chunk.gone) this.#processes.get(pid)?.spent.end(tid)
    for (const process of chunk.processes) this.#count(t, process)
    this.#sightings.fade()
  }

  #begin({ pid, since }: ProcessCounts): void {
    if (this.#processes.has(pid)) return
    const musl = isMusl(pid)
    this.#processes.set(pid, { runtime: identifyRuntime(pid, ''), musl, spent: new SpentByThreads() })
    this.#sink.add({ k: 'native', t: this.#time(since), pid, libc: musl ? 'other' : 'glibc', by: 'tracefs' })
  }

  /** Adds up by purpose, lock and place. */
  #divide({ waits }: Chunk): Map<string, Waited> {
    const threads = new Map<string, number>()
    for (const { pid, address } of waits) {
      const word = `${pid} ${address}`
      threads.set(word, (threads.get(word) ?? 0) + 1)
    }
    const waited = new Map<string, Waited>()
    for (const word of waits) {
      const { pid, tid, address } = word
      this.#words.set(`${pid} ${address}`, word)
      for (const portion of this.#portions(word, threads.get(`${pid} ${address}`) ?? 1)) {
        this.#processes.get(pid)?.spent.add(tid, portion.kind, word.ns * portion.share)
        const key = `${pid} ${portion.kind} ${portion.lock} ${this.#stacks.keyOf(portion.seen)}`
        let one = waited.get(key)
        if (!one) waited.set(key, (one = { pid, portion, n: 0, ns: 0, longest: 0, waiting: 0, waits: new Map() }))
        addTo(one, word, portion.share)
      }
    }
    return waited
  }

  #portions(word: FutexWaits, threads: number): Portion[] {
    const { runtime = 'unknown', musl = false } = this.#processes.get(word.pid) ?? {}
    return portionsOf(word, this.#sightings, { runtime, musl, threads })
  }

  #wait(t: Milliseconds, key: string, { pid, portion, n, ns, longest, waiting, waits }: Waited): void {
    const { kind, lock, seen } = portion
    const max = Math.max(longest, this.#longest.get(key) ?? 0)
    this.#longest.set(key, max)
    const stack = this.#stacks.of(seen)
    this.#sink.add({
      k: 'native-wait',
      t,
      pid,
      kind,
      ...(lock > 0 && kind !== 'park' && { lock: `0x${lock.toString(16)}` }),
      ...(stack !== undefined && { stack }),
      n,
      ms: ns * MS,
      max: max * MS,
      waiting: Math.round(waiting),
      waits: [...waits],
    })
  }

  #loops(t: Milliseconds, { loops, turns }: Chunk): void {
    for (const { pid, tid, poll, turns: n, ns, longest, over10Ms, turnMs } of loops) {
      const key = `loop ${pid} ${tid}`
      const max = Math.max(longest, this.#longest.get(key) ?? 0)
      this.#longest.set(key, max)
      this.#sink.add({
        k: 'native-loop',
        t,
        pid,
        tid,
        poll,
        turns: n,
        ms: ns * MS,
        max: max * MS,
        over10Ms,
        turnMs,
      })
    }
    for (const { pid, tid, endedAt, ns } of turns)
      this.#sink.add({ k: 'native-turn', t: this.#time(endedAt), pid, tid, ms: ns * MS })
  }

  #count(t: Milliseconds, process: ProcessCounts): void {
    const { pid, created, exited, lifetimeNs, lifetimes, accepts, requests, alive } = process
    if (created + exited > 0)
      this.#sink.add({ k: 'native-spawn', t, pid, created, exited, lifetimeMs: lifetimeNs * MS, lifetimes })
    if (accepts + requests > 0) this.#sink.add({ k: 'native-requests', t, pid, accepts, requests })
    const spent = this.#processes.get(pid)?.spent
    if (spent) this.#sink.add({ k: 'native-threads', t, pid, ...spent.rows() })
    if (!alive) this.#processes.delete(pid)
  }

  #time(nanos: Nanoseconds): Milliseconds {
    return nanos * MS - this.#epoch
  }
}

function addTo(one: Waited, word: FutexWaits, share: number): void {
  one.n += word.n * share
  one.ns += word.ns * share
  one.longest = Math.max(one.longest, word.longest)
  one.waiting += word.waiting ? share : 0
  for (const [ms, n] of word.waits) one.waits.set(ms, (one.waits.get(ms) ?? 0) + n * share)
}
