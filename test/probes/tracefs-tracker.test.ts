import { expect, it } from 'vitest'
import { Tracker } from '../../src/probes/tracefs/tracker.ts'

const WORD = 0x1000
const [HOLDER, OTHER] = [20, 21]

/** What the holder of a lock was blocked for between two switches, which are 500 ns apart. */
function blockedNs(state: number): number | undefined {
  const tracker = new Tracker()
  const thread = tracker.addThread(tracker.addProcess(HOLDER, 0), HOLDER)
  tracker.futexEnter(1000, HOLDER, WORD, 0x80, 2, false)
  tracker.futexExit(2000, HOLDER, 0)
  tracker.switched(3000, HOLDER, state, OTHER)
  tracker.switched(3500, OTHER, 0, HOLDER)
  tracker.futexEnter(4000, HOLDER, WORD, 0x81, 1, false)
  return thread.wakes.get(WORD)?.blockedNs
}

it.each([
  ['it could go on', 0, 0],
  ['it was preempted', 0x100, 0],
  ['it sleeps', 1, 500],
  ['it waits for a disk', 2, 500],
])('a holder that leaves its core: %s', (_, state, expected) => {
  expect(blockedNs(state)).toBe(expected)
})

it('what a holder is blocked for in another futex is told apart', () => {
  const tracker = new Tracker()
  const thread = tracker.addThread(tracker.addProcess(HOLDER, 0), HOLDER)
  tracker.futexEnter(1000, HOLDER, WORD, 0x80, 2, false)
  tracker.futexExit(2000, HOLDER, 0)
  tracker.futexEnter(2500, HOLDER, WORD + 64, 0x80, 0, false)
  tracker.switched(3000, HOLDER, 1, OTHER)
  tracker.switched(3500, OTHER, 0, HOLDER)
  tracker.futexExit(3600, HOLDER, 0)
  tracker.switched(4000, HOLDER, 1, OTHER)
  tracker.switched(4200, OTHER, 0, HOLDER)
  tracker.futexEnter(5000, HOLDER, WORD, 0x81, 1, false)
  expect(thread.wakes.get(WORD)).toEqual({ n: 1, holds: 1, holdNs: 3000, blockedNs: 700, parkedNs: 500 })
})
