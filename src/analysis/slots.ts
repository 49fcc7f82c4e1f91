import type { Histogram, RecordOf } from '../recording/schema.ts'
import type { Milliseconds } from '../units.ts'
import type { Source } from './index-records.ts'
import { shareWithin } from './overlap.ts'
import { threadKey } from './thread-names.ts'

/** Everything seen of one slot that threads of one process wait on. */
export interface Slot {
  pid: number
  slot: string
  async: boolean
  /** Over the whole recording: what tells a lock from an idle wait. */
  traits: {
    waits: number
    timedOut: number
    taken: number
    waiters: Set<string>
    notifies: Map<string, number>
    unfinished: number
    /** Milliseconds by stack id, where it was captured. */
    stacks: Map<number, Milliseconds>
  }
  /** Over the window. */
  waits: number
  waitMs: Milliseconds
  waitMsByThread: Map<string, Milliseconds>
  maxMs: Milliseconds
  histograms: Histogram[]
  /** Milliseconds by stack id; undefined: the capture was over its rate. */
  waiters: Map<number | undefined, Milliseconds>
  /** Notifies by stack id. */
  holders: Map<number | undefined, number>
  notifies: number
  holds: number
  holdMs: Milliseconds
}

/** Slots by process, blocking and asynchronous waits apart. */
export function collectSlots(source: Source): Slot[] {
  const slots = new Map<string, Slot>()
  const slotOf = (pid: number, slot: string, async: boolean): Slot => {
    const key = `${pid} ${slot} ${async}`
    let found = slots.get(key)
    if (!found) slots.set(key, (found = emptySlot(pid, slot, async)))
    return found
  }
  for (const wait of source.of('wait')) addWait(slotOf(wait.pid, wait.slot, wait.async), wait, source)
  for (const { slot, thread, from, to, stack, pid } of unfinishedWaits(source)) {
    const waited = slotOf(pid, slot, false)
    waited.traits.unfinished++
    waited.traits.waiters.add(thread)
    const ms = (to - from) * shareWithin([from, to], source.window)
    if (ms <= 0) continue
    waited.waits++
    addTime(waited, thread, ms, stack)
    waited.maxMs = Math.max(waited.maxMs, to - from)
    waited.histograms.push([[to - from, 1]])
  }
  for (const notify of source.of('notify')) {
    for (const async of [false, true]) {
      const slot = slots.get(`${notify.pid} ${notify.slot} ${async}`)
      if (slot) addNotify(slot, notify, source)
    }
  }
  return [...slots.values()]
}

function emptySlot(pid: number, slot: string, async: boolean): Slot {
  const traits = {
    waits: 0,
    timedOut: 0,
    taken: 0,
    waiters: new Set<string>(),
    notifies: new Map<string, number>(),
    unfinished: 0,
    stacks: new Map<number, Milliseconds>(),
  }
  const counts = { waits: 0, waitMs: 0, maxMs: 0, notifies: 0, holds: 0, holdMs: 0 }
  return {
    pid,
    slot,
    async,
    traits,
    ...counts,
    waitMsByThread: new Map(),
    histograms: [],
    waiters: new Map(),
    holders: new Map(),
  }
}

function addWait(slot: Slot, wait: RecordOf<'wait'>, { window }: Source): void {
  const { traits } = slot
  traits.waits += wait.n
  traits.timedOut += wait.timedOut
  traits.taken += wait.taken
  traits.waiters.add(threadKey(wait))
  if (wait.stack !== undefined) traits.stacks.set(wait.stack, (traits.stacks.get(wait.stack) ?? 0) + wait.ms)
  // A record covers several waits between `from` and `t`: at the window's edge it counts by the share inside.
  const share = shareWithin([wait.from, wait.t], window)
  if (share === 0) return
  slot.waits += Math.round(wait.n * share)
  addTime(slot, threadKey(wait), wait.ms * share, wait.stack)
  slot.maxMs = Math.max(slot.maxMs, wait.max)
  slot.histograms.push(wait.waits)
}

function addTime(slot: Slot, thread: string, ms: Milliseconds, stack: number | undefined): void {
  slot.waitMs += ms
  slot.waitMsByThread.set(thread, (slot.waitMsByThread.get(thread) ?? 0) + ms)
  slot.waiters.set(stack, (slot.waiters.get(stack) ?? 0) + ms)
}

function addNotify(slot: Slot, notify: RecordOf<'notify'>, { window: [from, to] }: Source): void {
  const { notifies } = slot.traits
  notifies.set(threadKey(notify), (notifies.get(threadKey(notify)) ?? 0) + notify.n)
  if (notify.t <= from || notify.t > to) return
  slot.notifies += notify.n
  slot.holds += notify.holds
  slot.holdMs += notify.holdMs
  slot.holders.set(notify.stack, (slot.holders.get(notify.stack) ?? 0) + notify.n)
}

interface UnfinishedWait {
  pid: number
  thread: string
  slot: string
  stack: number | undefined
  from: Milliseconds
  to: Milliseconds
}

/** Waits that were announced and never seen to end: they last to the end of the recording, or of their thread. */
function unfinishedWaits(source: Source): UnfinishedWait[] {
  const ended = new Map<string, Milliseconds>()
  for (const wait of source.of('wait')) ended.set(threadKey(wait), Math.max(wait.t, ended.get(threadKey(wait)) ?? 0))
  const exits = new Map(source.of('thread-exit').map((exit) => [threadKey(exit), exit.t]))
  const open = new Map<string, UnfinishedWait>()
  for (const waiting of source.of('waiting')) {
    const thread = threadKey(waiting)
    const { pid, slot, stack, since } = waiting
    open.set(thread, {
      pid,
      thread,
      slot,
      stack,
      from: since,
      to: exits.get(thread) ?? Math.max(source.window[1], since),
    })
  }
  return [...open.values()].filter(({ thread, from }) => (ended.get(thread) ?? -1) < from)
}

/** Where the window's waits were, by time: where none was captured in it, as in the whole recording. */
export function waitersOf({
  waiters,
  waitMs,
  traits: { stacks },
}: Slot): ReadonlyMap<number | undefined, Milliseconds> {
  if ([...waiters.keys()].some((stack) => stack !== undefined)) return waiters
  const all = [...stacks.values()].reduce((sum, ms) => sum + ms, 0)
  return new Map([...stacks].map(([stack, ms]) => [stack, (ms * waitMs) / all]))
}
