/**
 * Wraps Atomics.wait, waitAsync and notify to time the waits on each slot, and the read-modify-writes just enough to see
 * whether a woken thread then takes the slot. The uncontended path of a lock calls none of the first three and pays one
 * comparison in the others.
 */
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import { type Cells, NOT_HELD, type Slot, type Waits, WaitTable } from './wait-table.ts'

type Outcome = 'ok' | 'not-equal' | 'timed-out'
type Modify = (cells: Cells, index: number, value: number, replacement?: number) => number
interface AtomicsObject {
  wait(cells: Cells, index: number, value: number, timeout?: number): Outcome
  waitAsync(
    cells: Cells,
    index: number,
    value: number,
    timeout?: number,
  ): { async: false; value: Outcome } | { async: true; value: Promise<Outcome> }
  notify(cells: Cells, index: number, count?: number): number
  compareExchange: Modify
  exchange: Modify
  add: Modify
  sub: Modify
  or: Modify
  and: Modify
}

const TAKES = ['compareExchange', 'exchange', 'add', 'sub', 'or', 'and'] as const

/** Instruments Atomics in this thread. */
export function watchAtomics(agent: ThreadAgent): Instrument {
  const atomics = Atomics as unknown as AtomicsObject
  const original: AtomicsObject = { ...pick(atomics, ['wait', 'waitAsync', 'notify']), ...pick(atomics, TAKES) }
  const table = new WaitTable()
  /** The wait that woke this thread last, until its next wait or read-modify-write. */
  let woken: { slot: Slot; row: Waits; at: number } | null = null

  const ended = (slot: Slot | undefined, stack: number | undefined, from: number, outcome: Outcome, async: boolean) => {
    if (!slot) return
    const at = now()
    const row = table.waits(slot, stack, async, from)
    if (!row) return
    row.ms.add(at - from)
    if (outcome === 'ok') woken = { slot, row, at }
    else if (outcome === 'timed-out') row.timedOut++
  }

  /** The thread's first read-modify-write after a wake. */
  const modified = ({ slot, row, at }: NonNullable<typeof woken>, cells: Cells, index: number, success: boolean) => {
    if (slot !== table.slot(cells, index)) return
    woken = null
    if (!success) return
    row.taken++
    slot.heldSince = at
  }

  const wrapped: Partial<AtomicsObject> = {
    wait(cells, index, value, timeout) {
      // Arguments that the original refuses are its business: it throws as ever.
      if (agent.uninstalled || !ArrayBuffer.isView(cells)) return original.wait(cells, index, value, timeout)
      const from = now()
      woken = null
      const slot = table.slot(cells, index)
      // Before blocking, where it overlaps the wait.
      const stack = agent.mayCapture ? agent.captureStack(wrapped.wait as never) : undefined
      // Should the thread never run again, little is lost.
      if (slot && from >= agent.flushDueAt) {
        const of = stack === undefined ? {} : { stack }
        agent.flush(from, [{ k: 'waiting', t: from, slot: slot.key, ...of, since: from }])
      }
      const outcome = original.wait(cells, index, value, timeout)
      if (outcome !== 'not-equal') ended(slot, stack, from, outcome, false)
      return outcome
    },
    waitAsync(cells, index, value, timeout) {
      const result = original.waitAsync(cells, index, value, timeout)
      if (agent.uninstalled || !result.async) return result
      const from = now()
      const stack = agent.captureStack(wrapped.waitAsync as never)
      void result.value.then((outcome) => ended(table.slot(cells, index), stack, from, outcome, true))
      return result
    },
    notify(cells, index, count) {
      const released = original.notify(cells, index, count)
      if (agent.uninstalled) return released
      const slot = table.slot(cells, index)
      if (!slot) return released
      const holdMs = slot.heldSince === NOT_HELD ? undefined : now() - slot.heldSince
      slot.heldSince = NOT_HELD
      // After the wake: a stack captured before it would lengthen the critical section.
      const stack = agent.mayCapture ? agent.captureStack(wrapped.notify as never) : undefined
      table.notified(slot, stack, released, holdMs)
      return released
    },
    compareExchange(cells, index, expected, replacement) {
      const found = original.compareExchange(cells, index, expected, replacement)
      if (woken !== null) modified(woken, cells, index, found === expected)
      return found
    },
  }
  for (const name of TAKES) {
    if (name === 'compareExchange') continue
    const method = original[name]
    wrapped[name] = (cells, index, value) => {
      const found = method(cells, index, value)
      if (woken !== null) modified(woken, cells, index, true)
      return found
    }
  }

  const names = Object.keys(wrapped) as (keyof AtomicsObject)[]
  const define = (name: string, value: unknown) =>
    Object.defineProperty(Atomics, name, { value, writable: true, enumerable: false, configurable: true })
  for (const name of names) {
    if (typeof original[name] !== 'function') continue
    Object.defineProperties(wrapped[name], { name: { value: name }, length: { value: original[name].length } })
    define(name, wrapped[name])
  }

  return {
    flush(t, out) {
      table.flush(t, out)
      agent.dropped += table.dropped
      table.dropped = 0
    },
    uninstall() {
      // A wrapper put over ours later keeps it inside, where it only passes through.
      for (const name of names) if (atomics[name] === wrapped[name]) define(name, original[name])
    },
  }
}

function pick<T, K extends keyof T>(source: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, source[key]])) as Pick<T, K>
}
