import { formatRatio } from '../units.ts'
import type { Lock } from './signals.ts'
import type { Slot } from './slots.ts'

/** Of a lock's notifies most come from threads that wait for it too; of a job queue's none do: its producer never waits. */
const BY_WAITERS = { lock: 0.5, idle: 0.1 }
/** Of the wakes, how many must be followed by the woken thread's taking the slot (a barging thread may be quicker). */
const TAKEN = 0.25

/**
 * Lock, idle wait or unknown: a slot is a lock only if those who notify it also wait on it and take it by a
 * read-modify-write on waking. Judged over the whole recording, for it is a trait of the program, not of a window.
 */
export function judgeSlot({ traits }: Slot): Pick<Lock, 'role' | 'because'> {
  const wakes = traits.waits - traits.timedOut
  const notifies = [...traits.notifies.values()].reduce((sum, n) => sum + n, 0)
  if (notifies === 0) {
    if (traits.waits > 0 && wakes === 0)
      return { role: 'idle', because: 'every wait ended by its own time-out: a sleep' }
    return { role: 'unclassified', because: 'nobody was seen to notify it' }
  }
  const byWaiters =
    [...traits.notifies].reduce((sum, [thread, n]) => sum + (traits.waiters.has(thread) ? n : 0), 0) / notifies
  const taken = wakes > 0 ? traits.taken / wakes : 0
  const facts = `${formatRatio(byWaiters)} of its notifies come from threads that wait for it too, ${formatRatio(taken)} of the woken threads then take it`
  if (byWaiters >= BY_WAITERS.lock && taken >= TAKEN) return { role: 'lock', because: facts }
  if (byWaiters <= BY_WAITERS.idle) return { role: 'idle', because: `${facts}: a wait for work` }
  return { role: 'unclassified', because: facts }
}
