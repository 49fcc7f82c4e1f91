import { availableParallelism } from 'node:os'
import type { Milliseconds } from '../../units.ts'
import type { Sink } from '../probe.ts'
import type { JvmEvents, JvmWait } from './events.ts'
import { cpuRows } from './cpu-rows.ts'
import { DumpedHolders } from './dumped-holders.ts'
import { HoldTally } from './hold-tally.ts'
import { looksAtHolders } from './holders.ts'
import { LockIds, lockKey } from './lock-ids.ts'
import { sliceOf, spanOf } from './slices.ts'
import { SpawnTally } from './spawn-tally.ts'
import { blockedThreads, seenHolders } from './thread-dump.ts'
import { WaitTally } from './wait-tally.ts'

/** Pauses that are named one by one, as those of Node are. */
const LONG_PAUSE_MS: Milliseconds = 2
const LOCKS: ReadonlySet<string> = new Set(['mutex', 'rwlock-read', 'rwlock-write'])

type Pauses = JvmEvents['pauses']

/** Turns what the chunks of one JVM tell into records. */
export class JvmTranslator {
  readonly #sink: Sink
  readonly #pid: number
  readonly #outerTid: (tid: number) => number
  readonly #ids = new LockIds()
  readonly #waits = new WaitTally()
  readonly #holds = new HoldTally()
  readonly #spawns = new SpawnTally()
  readonly #dumped = new DumpedHolders()

  readonly #cpuStacks: boolean

  /** `outerTid`: of a thread's id in the JVM's pid namespace, the one that holdup sees. `cpuStacks`: where threads run is wanted, too. */
  constructor(
    sink: Sink,
    pid: number,
    { outerTid, cpuStacks }: { outerTid: (tid: number) => number; cpuStacks: boolean },
  ) {
    this.#cpuStacks = cpuStacks
    this.#sink = sink
    this.#pid = pid
    this.#outerTid = outerTid
  }

  /** `startedAt`: Unix milliseconds at the recording's `t` = 0, `until`: the recording's time now. */
  translate(told: JvmEvents, startedAt: Milliseconds, until: Milliseconds): void {
    const events = inRecordingTime(told, startedAt, this.#outerTid)
    const names = this.#ids.name(events)
    const byLock = new Map<string, JvmWait[]>()
    for (const wait of events.waits) {
      const id = names.get(lockKey(wait)) ?? wait.lock
      this.#waits.add(wait, id)
      if (!LOCKS.has(wait.kind)) continue
      const own = byLock.get(id)
      if (own) own.push(wait)
      else byLock.set(id, [wait])
    }
    for (const [lock, waits] of byLock) this.#holds.addWaits(lock, waits)
    this.#holds.addLooks(looksAtHolders(byLock, events.samples))
    this.#dumped.write(this.#sink, this.#pid, byLock)
    this.#spawns.add(events)
    for (const tally of [this.#waits, this.#holds, this.#spawns]) tally.write(this.#sink, this.#pid, until)
    this.#pauses(events.pauses, until)
    if (this.#cpuStacks) this.#onCpu(events.samples, until)
  }

  /** `dump` was printed at `t`; what it says of holders is recorded when the recorder has told of the waits of that time. */
  lookAtHolders(dump: string, t: Milliseconds): void {
    const seen = seenHolders(dump).map((each) => ({
      ...each,
      tid: this.#outerTid(each.tid),
      waiters: each.waiters.map(this.#outerTid),
    }))
    this.#dumped.add(t, seen)
  }

  /** `dump` was printed at `t`. */
  translateDump(dump: string, t: Milliseconds): void {
    for (const { tid, owner, of, stack, ...wait } of blockedThreads(dump)) {
      this.#sink.add({
        k: 'runtime-blocked',
        t,
        pid: this.#pid,
        tid: this.#outerTid(tid),
        ...wait,
        of: this.#sink.string(of),
        stack: this.#sink.stack(stack),
        owner: owner === 0 ? 0 : this.#outerTid(owner),
      })
    }
  }

  #onCpu(samples: JvmEvents['samples'], until: Milliseconds): void {
    const rows = cpuRows(samples, availableParallelism()).map(
      ({ tid, t, ms, stack }): [number, number, number, number] => [tid, t, ms, this.#sink.stack(stack)],
    )
    if (rows.length > 0) this.#sink.add({ k: 'on-cpu', t: until, pid: this.#pid, rows })
  }

  #pauses(pauses: Pauses, until: Milliseconds): void {
    const slices = new Map<number, Pauses>()
    for (const pause of pauses)
      if (pause.t > 0) slices.set(sliceOf(pause.t), [...(slices.get(sliceOf(pause.t)) ?? []), pause])
    for (const [slice, own] of slices) {
      this.#sink.add({
        k: 'gc',
        t: spanOf(slice, until).t,
        pid: this.#pid,
        // It stops them all.
        tid: 0,
        n: own.length,
        ms: own.reduce((sum, { ms }) => sum + ms, 0),
        long: own.flatMap(({ t, ms, name }) => (ms >= LONG_PAUSE_MS ? [[t, ms, name]] : [])),
      })
    }
  }
}

function inRecordingTime(events: JvmEvents, startedAt: Milliseconds, outerTid: (tid: number) => number): JvmEvents {
  const shift = <E extends { t: Milliseconds; tid: number }>(list: readonly E[]) =>
    list.map((event) => ({ ...event, t: event.t - startedAt, tid: outerTid(event.tid) }))
  return {
    ...events,
    waits: events.waits.map((wait) => ({
      ...wait,
      from: wait.from - startedAt,
      to: wait.to - startedAt,
      tid: outerTid(wait.tid),
      owner: wait.owner === 0 ? 0 : outerTid(wait.owner),
    })),
    births: shift(events.births),
    deaths: shift(events.deaths),
    samples: shift(events.samples),
    pauses: events.pauses.map((pause) => ({ ...pause, t: pause.t - startedAt })),
  }
}
