/**
 * Wraps Atomics.wait, waitAsync and notify to time the waits on each slot, and the read-modify-writes just enough to see
 * whether a woken thread then takes the slot. The uncontended path of a lock calls none of the first three and pays one
 * comparison in the others.
 */
import { now } from './clock.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import { WaitTable } from './wait-table.ts'

/** Any integer array: only its place in its buffer matters here. */
type Cells = Int32Array
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

/** Identity of a slot that holds across threads, where the buffer object itself does not. */
function slotOf(cells: Cells, index: number): string {
  return `${cells.buffer.byteLength}:${cells.byteOffset + index * cells.BYTES_PER_ELEMENT}`
}

/** Instruments Atomics in this thread. */
export function watchAtomics(agent: ThreadAgent): Instrument {
  const atomics = Atomics as unknown as AtomicsObject
  const original: AtomicsObject = { ...pick(atomics, ['wait', 'waitAsync', 'notify']), ...pick(atomics, TAKES) }
  const table = new WaitTable()
  /** The slot this thread was woken on last, until its next wait or read-modify-write. */
  let woken: { slot: string; row: ReturnType<WaitTable['wait']>; at: number } | null = null
  /** Since when this thread holds a slot that it took after a wake. */
  const held = new Map<string, number>()

  const ended = (
    cells: Cells,
    index: number,
    stack: number | undefined,
    from: number,
    outcome: Outcome,
    async: boolean,
  ) => {
    const at = now()
    const slot = slotOf(cells, index)
    const row = table.wait(slot, stack, async, from, at - from, outcome === 'timed-out')
    if (outcome === 'ok') woken = { slot, row, at }
  }

  /** The thread's first read-modify-write after a wake. */
  const modified = (cells: Cells, index: number, success: boolean) => {
    if (!woken || woken.slot !== slotOf(cells, index)) return
    if (success && woken.row) {
      woken.row.taken++
      held.set(woken.slot, woken.at)
    }
    woken = null
  }

  const wrapped: Partial<AtomicsObject> = {
    wait(cells, index, value, timeout) {
      // Arguments that the original refuses are its business: it throws as ever.
      if (agent.uninstalled || !ArrayBuffer.isView(cells)) return original.wait(cells, index, value, timeout)
      const from = now()
      woken = null
      // Before blocking, where it overlaps the wait.
      const stack = agent.captureStack(wrapped.wait as never, from)
      // Should the thread never run again, little is lost.
      if (agent.isDue(from)) {
        const of = stack === undefined ? {} : { stack }
        agent.flush(from, [{ k: 'waiting', t: from, slot: slotOf(cells, index), ...of, since: from }])
      }
      const outcome = original.wait(cells, index, value, timeout)
      if (outcome !== 'not-equal') ended(cells, index, stack, from, outcome, false)
      return outcome
    },
    waitAsync(cells, index, value, timeout) {
      const result = original.waitAsync(cells, index, value, timeout)
      if (agent.uninstalled || !result.async) return result
      const from = now()
      const stack = agent.captureStack(wrapped.waitAsync as never, from)
      void result.value.then((outcome) => ended(cells, index, stack, from, outcome, true))
      return result
    },
    notify(cells, index, count) {
      const released = original.notify(cells, index, count)
      if (agent.uninstalled) return released
      const at = now()
      const slot = slotOf(cells, index)
      const since = held.get(slot)
      held.delete(slot)
      // After the wake: a stack captured before it would lengthen the critical section.
      table.notify(
        slot,
        agent.captureStack(wrapped.notify as never, at),
        released,
        since === undefined ? undefined : at - since,
      )
      return released
    },
    compareExchange(cells, index, expected, replacement) {
      const found = original.compareExchange(cells, index, expected, replacement)
      if (woken !== null) modified(cells, index, found === expected)
      return found
    },
  }
  for (const name of TAKES) {
    if (name === 'compareExchange') continue
    const method = original[name]
    wrapped[name] = (cells, index, value) => {
      const found = method(cells, index, value)
      if (woken !== null) modified(cells, index, true)
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
